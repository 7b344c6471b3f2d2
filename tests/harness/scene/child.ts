/** A child process of a scene: its output goes to a file, and it is ended when the scene closes. */

import { delay, waitFor } from "./wait.ts";

/** How long a child may take to end by itself after SIGTERM. */
const GRACE_MS = 15_000;

export interface Child extends AsyncDisposable {
  readonly pid: number;
  /**
   * Waits until `probe` answers true, for instance that a port is open.
   * @throws with what the child wrote, when it has ended or never gets there.
   */
  ready(what: string, probe: () => Promise<boolean>): Promise<void>;
  /** Sends a signal; a child that has ended is left in peace. */
  kill(signal: Deno.Signal): void;
  /** Resolves with its exit code. */
  readonly ended: Promise<number>;
}

/** Starts `argv` with both streams in `logFile`; `env` is added to the inherited environment. */
export function startChild(
  argv: readonly string[],
  options: {
    readonly logFile: string;
    readonly env?: Record<string, string>;
    readonly cwd?: string;
  },
): Child {
  // The shell replaces itself, so the pid is the program's; it only opens the file for both streams.
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
