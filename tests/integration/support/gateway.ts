/** A real gateway of an account's authority in front of whatever listens at an address. */

import { type Authority, openAuthority } from "../../../control_plane/certificates/authority.ts";
import type { Identity } from "../../../control_plane/certificates/issue.ts";
import { openGateway } from "../../../control_plane/temporal/gateway/mod.ts";
import type { Clock, Exec } from "../../../lib/ports.ts";
import { systemClock, systemEnv } from "../../../lib/system/process.ts";
import { systemExec } from "../../../lib/system/exec.ts";
import { systemFiles } from "../../../lib/system/files.ts";
import { systemProbeTls } from "../../../lib/system/network.ts";
import { freeAddress } from "../../harness/temporal/server.ts";

const HAPROXY = Deno.env.get("BIGEYE_TEST_HAPROXY");

/** A test that is skipped where there is no HAProxy; native workers may live beside it. */
export function gatewayTest(name: string, fn: () => Promise<void>): void {
  const why = HAPROXY ? "" : " (skipped: no HAProxy; set BIGEYE_TEST_HAPROXY)";
  const sanitize = { sanitizeOps: false, sanitizeResources: false };
  Deno.test({ name: `${name}${why}`, ignore: !HAPROXY, fn, ...sanitize });
}

/** Finds HAProxy where the tests are told that it is. */
export const haproxyExec: Exec = {
  ...systemExec,
  run: (argv, options) =>
    systemExec.run(argv.map((word) => word === "haproxy" ? HAPROXY ?? word : word), options),
};

/** HAProxy that is told something else than we wrote. */
export function mistold(change: (config: string) => string): Exec {
  return {
    ...haproxyExec,
    async run(argv, options) {
      const config = argv.at(-1) ?? "";
      await Deno.writeTextFile(config, change(await Deno.readTextFile(config)));
      return await haproxyExec.run(argv, options);
    },
  };
}

export interface TestGateway extends AsyncDisposable {
  readonly address: string;
  readonly authority: Authority;
  /** Its own folder, which is gone with it. */
  readonly folder: string;
  readonly told: readonly string[];
}

export interface TestGatewayOptions {
  /** Below it the gateway's folder and the authority's files are. */
  readonly folder: string;
  readonly temporal: string;
  readonly exec?: Exec;
  readonly clock?: Clock;
  readonly address?: string;
}

export async function startGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const { folder, temporal, exec = haproxyExec, clock = systemClock } = options;
  const { address = freeAddress() } = options;
  const authority = await openAuthority({ folder, files: systemFiles, clock });
  const stop = new AbortController();
  const told: string[] = [];
  const own = `${folder}/gateway`;
  const { done } = await openGateway({
    folder: own,
    listen: { hostname: "127.0.0.1", port: portOf(address) },
    temporal,
    authority,
    env: systemEnv,
    exec,
    files: systemFiles,
    clock,
    log: (level, message) => void told.push(`${level} ${message}`),
    probe: systemProbeTls,
  }, stop.signal);
  return {
    address,
    authority,
    folder: own,
    told,
    async [Symbol.asyncDispose]() {
      stop.abort(new Error("the gateway closes"));
      await done;
    },
  };
}

/** Something that listens in Temporal's place and hangs up at once. */
export const listener = (): Listener => listening((connection) => connection.close());

/** The same, but it says "ready", as a server does that speaks first, and then what it is told. */
export const echo = (): Listener =>
  listening(async (connection) => {
    await connection.write(new TextEncoder().encode("ready"));
    await connection.readable.pipeTo(connection.writable);
  });

type Listener = AsyncDisposable & { readonly address: string };

function listening(answer: (connection: Deno.Conn) => unknown): Listener {
  const door = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answering = (async () => {
    for await (const connection of door) Promise.try(answer, connection).catch(() => {});
  })();
  return {
    address: `127.0.0.1:${door.addr.port}`,
    async [Symbol.asyncDispose]() {
      door.close();
      await answering;
    },
  };
}

export const portOf = (address: string): number =>
  Number(address.slice(address.lastIndexOf(":") + 1));

export interface SaidByOpenssl {
  readonly code: number;
  readonly text: string;
}

/** `openssl` as it is, with nothing on its standard input. */
export async function openssl(...args: string[]): Promise<SaidByOpenssl> {
  const child = new Deno.Command("openssl", { args, stdin: "null" });
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  return { code, text: `${text.decode(stdout)}${text.decode(stderr)}` };
}

/** What openssl says when it connects with a certificate and a TLS version. */
export async function asked(
  { address, folder }: TestGateway,
  client: Identity | undefined,
  ...args: string[]
): Promise<string> {
  const pair = client ? await pairFiles(folder, client) : [];
  const { text } = await openssl(
    ...["s_client", "-connect", address, "-CAfile", `${folder}/ca.pem`, "-alpn", "h2"],
    ...["-verify_return_error", "-ign_eof", "-verify_hostname"],
    ...["temporal-gateway.bigeye.internal", ...pair, ...args],
  );
  return text;
}

async function pairFiles(folder: string, client: Identity): Promise<string[]> {
  await Deno.writeTextFile(`${folder}/client.pem`, client.certificatePem);
  await Deno.writeTextFile(`${folder}/client.key`, client.privatePem);
  return ["-cert", `${folder}/client.pem`, "-key", `${folder}/client.key`];
}
