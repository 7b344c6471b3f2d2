/** The control plane as a process of its own, to be asked over REST, ended and killed. */

import { buildWorkflows } from "../../../tools/build/workflows.ts";
import { ordinaryPath } from "../../harness/scene/ordinary_path.ts";
import { freeAddress } from "../../harness/temporal/server.ts";

export interface PlaneProcess extends AsyncDisposable {
  /** Calls REST as the first admin; throws for what is not 2xx, and when the process is gone. */
  call(method: string, path: string, options?: CallOptions): Promise<unknown>;
  readonly pid: number;
  /** What its log says of Temporal, `host:port`. */
  readonly temporal: string;
  /** What it has written so far. */
  log(): string;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface PlaneOrders {
  /** The folder of the account's keys, which several processes share. */
  readonly data: string;
  /** The URL of a Postgres; absent means a file in the folder. */
  readonly database?: string;
  /** Absent means a server that it starts itself, behind a gateway: for a test of `gatewayTest`. */
  readonly temporal?: string;
}

/** Starts one and waits until it answers. */
export async function startPlaneProcess(orders: PlaneOrders): Promise<PlaneProcess> {
  await buildWorkflows();
  const address = freeAddress();
  const keyFile = `${orders.data}/admin.key`;
  const flags = ["--data", orders.data, "--listen", address, "--admin-key-file", keyFile];
  const own = orders.temporal === undefined;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "control_plane/mod.ts", "serve", ...flags],
      ...(own ? ownServer() : ["--temporal-address", orders.temporal]),
    ],
    cwd: new URL("../../..", import.meta.url),
    env: {
      PATH: ordinaryPath(),
      // Not as an argument, which every user of a machine can see.
      ...(orders.database && { BIGEYE_PLANE_DATABASE_URL: orders.database }),
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const said: string[] = [];
  const working = Promise.withResolvers<void>();
  const reading = child.stderr.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write(text) {
        said.push(text);
        if (text.includes("temporal worker started")) working.resolve();
      },
    }),
  );
  const ended = child.status.then(() => Promise.reject(new Error(said.join(""))));
  ended.catch(() => {}); // it ends when it is killed
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

  const [, temporal = ""] = /temporal worker started","address":"([^"]+)"/.exec(said.join("")) ??
    [];
  return {
    pid: child.pid,
    temporal,
    log: () => said.join(""),
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

/** `BIGEYE_TEST_TEMPORAL`, else what is on the PATH; before it a gateway where nobody else has one. */
function ownServer(): string[] {
  const program = Deno.env.get("BIGEYE_TEST_TEMPORAL");
  return ["--gateway-listen", freeAddress(), ...(program ? ["--temporal-server", program] : [])];
}
