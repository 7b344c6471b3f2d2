/** The client's half of TLS for real; servers of ours never speak it (docs/decisions/0012). */

import { orAbort } from "../async/abort.ts";
import type { KnockTls, TlsKnock } from "../ports.ts";

export const systemKnockTls: KnockTls = knock;

async function knock(options: TlsKnock): ReturnType<KnockTls> {
  try {
    await firstWord(options);
    return undefined;
  } catch (error) {
    const alert = alertIn(error);
    if (alert === undefined) throw error;
    return alert;
  }
}

async function firstWord({ hostname, port, caPem, client, signal }: TlsKnock): Promise<void> {
  const connecting = Deno.connectTls({
    hostname,
    port,
    caCerts: [caPem],
    alpnProtocols: ["h2"],
    ...(client === undefined ? {} : { cert: client.certificatePem, key: client.privatePem }),
  });
  try {
    await orAbort(heard(connecting), signal);
  } finally {
    // Deno has no signal for a TLS connection that is still being made.
    connecting.then((connection) => connection.close(), () => {});
  }
}

/** In TLS 1.3 a client's certificate is judged after the client is through, so only reading shows it. */
async function heard(connecting: Promise<Deno.TlsConn>): Promise<void> {
  const connection = await connecting;
  await connection.handshake();
  await connection.read(new Uint8Array(1));
}

/** Deno has no field for it; the text is that of rustls. */
function alertIn(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return /^received fatal alert: (\w+)$/.exec(error.message)?.[1];
}
