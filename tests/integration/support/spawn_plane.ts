/** `bigeye-control-plane serve` from source as a child process, with a log that a test can wait on. */

import { buildWorkflows } from "../../../tools/build/workflows.ts";
import { freeAddress } from "../../harness/temporal/server.ts";

export interface PlaneChild extends AsyncDisposable {
  /** `host:port` of REST and the pages. */
  readonly address: string;
  readonly adminKeyFile: string;
  readonly pid: number;
  /** Resolves with the exit code. */
  readonly ended: Promise<number>;
  kill(signal: Deno.Signal): void;
  /** Returns the log so far. */
  log(): string;
  /** Waits until the log contains the text, and returns the log. @throws the log if it ends without the text. */
  logged(text: string): Promise<string>;
}

export interface SpawnOptions {
  /** The data folder. */
  readonly data: string;
  readonly flags: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the process. Disposing kills it. */
export async function spawnPlane({ data, flags, env = {} }: SpawnOptions): Promise<PlaneChild> {
  await buildWorkflows();
  const address = freeAddress();
  const adminKeyFile = `${data}/admin.key`;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "control_plane/mod.ts", "serve", "--data", data, "--listen", address],
      ...["--admin-key-file", adminKeyFile, ...flags],
    ],
    cwd: new URL("../../..", import.meta.url),
    env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();

  let log = "";
  let isComplete = false;
  let more = Promise.withResolvers<void>();
  const note = (text: string) => {
    log += text;
    more.resolve();
    more = Promise.withResolvers();
  };
  const reading = child.stderr.pipeThrough(new TextDecoderStream())
    .pipeTo(new WritableStream({ write: note }))
    .finally(() => {
      isComplete = true;
      note("");
    });
  let isOver = false;
  const ended = child.status.then(({ code }) => {
    isOver = true;
    return code;
  });

  return {
    address,
    adminKeyFile,
    pid: child.pid,
    ended,
    kill: (signal) => child.kill(signal),
    log: () => log,
    async logged(text) {
      while (!log.includes(text)) {
        if (isComplete) throw new Error(log);
        await more.promise;
      }
      return log;
    },
    async [Symbol.asyncDispose]() {
      if (!isOver) child.kill("SIGKILL");
      await Promise.all([ended, reading]);
    },
  };
}
