/** Starts a real gateway with an account's authority in front of an address. */

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

/** Registers a test that is skipped without HAProxy. Temporal's native workers may outlive it. */
export function gatewayTest(name: string, fn: () => Promise<void>): void {
  const why = HAPROXY ? "" : " (skipped: no HAProxy; set BIGEYE_TEST_HAPROXY)";
  const sanitize = { sanitizeOps: false, sanitizeResources: false };
  Deno.test({ name: `${name}${why}`, ignore: !HAPROXY, fn, ...sanitize });
}

/** Runs the HAProxy that the environment variable names. */
export const haproxyExec: Exec = {
  ...systemExec,
  run: (argv, options) =>
    systemExec.run(argv.map((word) => word === "haproxy" ? HAPROXY ?? word : word), options),
};

/** Runs HAProxy with a changed configuration. */
export function haproxyWith(change: (config: string) => string): Exec {
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
  /** The folder of the gateway, which is removed when it closes. */
  readonly folder: string;
  readonly logged: readonly string[];
}

export interface TestGatewayOptions {
  /** The parent of the gateway's folder, with the files of the authority. */
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
  const logged: string[] = [];
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
    log: (level, message) => void logged.push(`${level} ${message}`),
    probe: systemProbeTls,
  }, stop.signal);
  return {
    address,
    authority,
    folder: own,
    logged,
    async [Symbol.asyncDispose]() {
      stop.abort(new Error("the gateway closes"));
      await done;
    },
  };
}

/** Listens in place of Temporal, and closes every connection at once. */
export const listener = (): Listener => listening((connection) => connection.close());

/** Listens in place of Temporal, sends "ready" first and then everything that it receives. */
export const echo = (): Listener =>
  listening(async (connection) => {
    await connection.write(new TextEncoder().encode("ready"));
    await connection.readable.pipeTo(connection.writable);
  });

type Listener = AsyncDisposable & { readonly address: string };

function listening(answer: (connection: Deno.Conn) => unknown): Listener {
  const server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answering = (async () => {
    for await (const connection of server) Promise.try(answer, connection).catch(() => {});
  })();
  return {
    address: `127.0.0.1:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      await answering;
    },
  };
}

export const portOf = (address: string): number =>
  Number(address.slice(address.lastIndexOf(":") + 1));

export interface OpensslOutput {
  readonly code: number;
  readonly text: string;
}

/** Runs `openssl` with an empty standard input. */
export async function openssl(...args: string[]): Promise<OpensslOutput> {
  const child = new Deno.Command("openssl", { args, stdin: "null" });
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  return { code, text: `${text.decode(stdout)}${text.decode(stderr)}` };
}

/** Connects with openssl and a client certificate. Returns its output. */
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
