/** The control plane in a separate process, which a test can call over REST, stop and kill. */

import { buildWorkflows } from "../../../tools/build/workflows.ts";
import { ordinaryPath } from "../../harness/scene/ordinary_path.ts";
import { freeAddress } from "../../harness/temporal/server.ts";

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
  await buildWorkflows();
  const address = freeAddress();
  const keyFile = `${options.data}/admin.key`;
  const flags = ["--data", options.data, "--listen", address, "--admin-key-file", keyFile];
  const own = options.temporal === undefined;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "control_plane/mod.ts", "serve", ...flags],
      ...(own ? ownServer() : ["--temporal-address", options.temporal]),
    ],
    cwd: new URL("../../..", import.meta.url),
    env: {
      PATH: ordinaryPath(),
      // Not an argument, because every user of the machine can see arguments.
      ...(options.database && { BIGEYE_PLANE_DATABASE_URL: options.database }),
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const log: string[] = [];
  const working = Promise.withResolvers<void>();
  const reading = child.stderr.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write(text) {
        log.push(text);
        if (text.includes("temporal worker started")) working.resolve();
      },
    }),
  );
  const ended = child.status.then(() => Promise.reject(new Error(log.join(""))));
  ended.catch(() => {}); // rejects at every end, also after a stop
  await Promise.race([working.promise, ended]);
  const key = (await Deno.readTextFile(keyFile)).trim();
  let isOver = false;
  async function kill(): Promise<void> {
    if (!isOver) child.kill("SIGKILL");
    isOver = true;
    await Promise.all([child.status, reading]);
  }
  async function stop(): Promise<number> {
    child.kill("SIGTERM");
    const { code } = await child.status;
    isOver = true;
    return code;
  }

  const [, temporal = ""] = /temporal worker started","address":"([^"]+)"/.exec(log.join("")) ??
    [];
  return {
    pid: child.pid,
    temporal,
    log: () => log.join(""),
    stop,
    kill,
    async call(method, path, { body, headers = {} } = {}) {
      const response = await fetch(`http://${address}${path}`, {
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
