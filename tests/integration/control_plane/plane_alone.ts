/** The control plane in a separate process without Temporal. REST and the pages work. */

import { buildWorkflows } from "../../../tools/build/workflows.ts";
import { freeAddress } from "../../harness/temporal/server.ts";

export interface PlaneAlone extends AsyncDisposable {
  /** `host:port`. */
  readonly address: string;
  readonly pid: number;
  stop(signal: Deno.Signal): void;
  /** The exit code. */
  readonly ended: Promise<number>;
}

export function spawnedAlone(data: string, address: string): Deno.ChildProcess {
  const flags = ["--data", data, "--listen", address, "--admin-key-file", `${data}/admin.key`];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "control_plane/mod.ts", "serve", ...flags, "--temporal-address", NOWHERE],
    cwd: new URL("../../..", import.meta.url),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

/** Nothing listens on this address, so that Temporal is always down. */
const NOWHERE = "127.0.0.1:1";

export async function startPlaneAlone(data: string): Promise<PlaneAlone> {
  await buildWorkflows();
  const address = freeAddress();
  const child = spawnedAlone(data, address);
  const listening = Promise.withResolvers<void>();
  const reading = child.stderr.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write: (text) => void (text.includes("temporal is not reachable") && listening.resolve()),
    }),
  );
  const ended = child.status.then(({ code }) => code);
  await Promise.race([
    listening.promise,
    ended.then((code) => Promise.reject(new Error(`left with ${code}`))),
  ]);
  let isOver = false;
  void ended.then(() => void (isOver = true));
  return {
    address,
    pid: child.pid,
    stop: (signal) => child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      if (!isOver) child.kill("SIGKILL");
      await Promise.all([ended, reading]);
    },
  };
}
