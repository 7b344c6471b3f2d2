/** The control plane in a separate process, which a test can call over REST, stop and kill. */

import { ordinaryPath } from "../../harness/scene/ordinary_path.ts";
import { freeAddress } from "../../harness/temporal/server.ts";
import { spawnPlane } from "../support/spawn_plane.ts";

export interface PlaneProcess extends AsyncDisposable {
  /** Calls REST as the first admin. @throws on any status but 2xx, and when the process has ended. */
  call(method: string, path: string, options?: CallOptions): Promise<unknown>;
  readonly pid: number;
  /** Temporal's address in its log, as `host:port`. */
  readonly temporal: string;
  /** Returns its log so far. */
  log(): string;
  /** Sends SIGTERM. Returns the exit code. */
  stop(): Promise<number>;
  /** Sends SIGKILL. */
  kill(): Promise<void>;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface PlaneProcessOptions {
  /** The folder of the account's keys, which several processes may share. */
  readonly data: string;
  /** The URL of a Postgres database; default an SQLite file in the folder. */
  readonly database?: string;
  /** Temporal's address; default a server that it starts itself behind a gateway, which needs `gatewayTest`. */
  readonly temporal?: string;
}

/** Starts a control plane and waits until its worker has started. */
export async function startPlaneProcess(options: PlaneProcessOptions): Promise<PlaneProcess> {
  const own = options.temporal === undefined;
  const child = await spawnPlane({
    data: options.data,
    flags: own ? ownServer() : ["--temporal-address", options.temporal],
    env: {
      PATH: ordinaryPath(),
      // Not an argument, because every user of the machine can see arguments.
      ...(options.database && { BIGEYE_PLANE_DATABASE_URL: options.database }),
    },
  });
  const log = await child.logged("temporal worker started");
  const [, temporal = ""] = /temporal worker started","address":"([^"]+)"/.exec(log) ?? [];
  const key = (await Deno.readTextFile(child.adminKeyFile)).trim();
  const kill = async () => await child[Symbol.asyncDispose]();

  return {
    pid: child.pid,
    temporal,
    log: child.log,
    stop() {
      child.kill("SIGTERM");
      return child.ended;
    },
    kill,
    async call(method, path, { body, headers = {} } = {}) {
      const response = await fetch(`http://${child.address}${path}`, {
        method,
        headers: { authorization: `apikey ${key}`, "content-type": "application/json", ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === "" ? undefined : JSON.parse(text);
    },
    [Symbol.asyncDispose]: kill,
  };
}

/** Flags for a Temporal server that it starts itself, `BIGEYE_TEST_TEMPORAL` or the one on PATH, and a gateway. */
function ownServer(): string[] {
  const program = Deno.env.get("BIGEYE_TEST_TEMPORAL");
  return ["--gateway-listen", freeAddress(), ...(program ? ["--temporal-server", program] : [])];
}
