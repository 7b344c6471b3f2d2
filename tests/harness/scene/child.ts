/** A child process of a scene: its output goes to a file, and disposing ends it. */

import { delay, waitFor } from "../time/wait.ts";

/** Time from SIGTERM to SIGKILL. */
const GRACE_MS = 15_000;

export interface Child extends AsyncDisposable {
  readonly pid: number;
  /**
   * Waits until `probe` answers true, for example because a port is open.
   * @throws with the child's output, when it ends or does not get ready in time.
   */
  ready(what: string, probe: () => Promise<boolean>): Promise<void>;
  /** Sends a signal, unless the child has ended. */
  kill(signal: Deno.Signal): void;
  /** Resolves with the exit code. */
  readonly ended: Promise<number>;
}

/** Starts `argv` and appends both streams to `logFile`. `env` is added to the inherited environment. */
export function startChild(
  argv: readonly string[],
  options: {
    readonly logFile: string;
    readonly env?: Record<string, string>;
    readonly cwd?: string;
  },
): Child {
  // The shell opens the file and replaces itself, so that the pid is the program's.
  const child = new Deno.Command("sh", {
    args: ["-c", 'log=$1; shift; exec "$@" >>"$log" 2>&1', "sh", options.logFile, ...argv],
    stdin: "null",
    ...(options.env ? { env: options.env } : {}),
    ...(options.cwd ? { cwd: options.cwd } : {}),
  }).spawn();
  let hasEnded = false;
  const ended = child.status.then(({ code }) => {
    hasEnded = true;
    return code;
  });
  const kill = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // already ended
    }
  };
  return {
    pid: child.pid,
    ended,
    kill,
    async ready(what, probe) {
      await waitFor(async () => {
        if (hasEnded) {
          throw new Error(`${argv[0]} has ended\n${await Deno.readTextFile(options.logFile)}`);
        }
        return await probe() || undefined;
      }, { what, explain: () => Deno.readTextFile(options.logFile) });
    },
    async [Symbol.asyncDispose]() {
      kill("SIGTERM");
      await using timer = delay(GRACE_MS);
      const inTime = await Promise.race([ended.then(() => true), timer.done.then(() => false)]);
      if (!inTime) kill("SIGKILL");
      await ended;
    },
  };
}
