/** Tells whether a process runs, by its id. */

import process from "node:process";

/** Much longer than the kernel needs, for busy machines. */
const PATIENCE_MS = 60_000;

/** Resolves when the process has ended. @throws if it still runs after the limit. */
export async function untilEnded(pid: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (isRunning(pid)) {
    if (performance.now() > deadline) throw new Error(`process ${pid} still runs`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

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
