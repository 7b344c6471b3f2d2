/** Whether a process that a test knows by its id still runs. */

import process from "node:process";

/** Far beyond what the kernel takes, so that a busy machine makes no difference. */
const PATIENCE_MS = 60_000;

/** Resolves once the process has ended; rejects when it goes on. */
export async function untilEnded(pid: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (isRunning(pid)) {
    if (performance.now() > deadline) throw new Error(`process ${pid} goes on`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // One that has ended stays in the table until its parent asks how; Linux alone tells it apart here.
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
