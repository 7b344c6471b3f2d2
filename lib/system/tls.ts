/** The client's half of TLS for real; servers of ours never speak it (README, "Decisions"). */

import type { KnockTls, TlsKnock } from "../ports.ts";

export const systemKnockTls: KnockTls = knock;

async function knock(options: TlsKnock): ReturnType<KnockTls> {
  const { signal } = options;
  signal.throwIfAborted();
  try {
    await firstWord(options);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const alert = alertIn(error);
    if (alert === undefined) throw error;
    return alert;
  }
}

/** In TLS 1.3 a client's certificate is judged after the client is through, so only reading shows it. */
async function firstWord({ hostname, port, caPem, client, signal }: TlsKnock): Promise<void> {
  using connection = await Deno.connectTls({
    hostname,
    port,
    caCerts: [caPem],
    alpnProtocols: ["h2"],
    ...(client === undefined ? {} : { cert: client.certificatePem, key: client.privatePem }),
  });
  const leave = () => connection.close();
  signal.addEventListener("abort", leave, { once: true });
  try {
    await connection.handshake();
    await connection.read(new Uint8Array(1));
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

/** Deno has no field for it; the text is that of rustls. */
function alertIn(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return /^received fatal alert: (\w+)$/.exec(error.message)?.[1];
}
