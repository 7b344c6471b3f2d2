/** Tells whether a process runs, by its id. */

import process from "node:process";
import { until } from "../../harness/time/wait.ts";

/** Resolves when the process has ended. @throws if it still runs after two minutes. */
export const untilEnded = (pid: number): Promise<void> =>
  until(`process ${pid} to end`, () => !isRunning(pid));

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // An ended process is a zombie until its parent has read its status. Only Linux has /proc.
  const [, state] = /\) (\w)/.exec(statusOf(pid)) ?? [];
  return state !== "Z";
}

function statusOf(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/stat`);
  } catch {
    return "";
  }
}
