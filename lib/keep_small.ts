/** A service mostly waits, and should hold little memory while it does. */

import type { Clock } from "./ports.ts";

const EVERY_MS = 30_000;

export interface KeepSmallNeeds {
  readonly clock: Pick<Clock, "sleep">;
  /** Gives back memory that the process can do without; cheap, and never throws. */
  readonly releaseMemory: () => void;
}

/** Does `work`, and releases memory every 30 s until it has ended. */
export async function keepSmall<T>(
  { clock, releaseMemory }: KeepSmallNeeds,
  work: () => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const { signal } = over;
  async function keepReleasing(): Promise<void> {
    for (;;) {
      await clock.sleep(EVERY_MS, signal).catch(() => {});
      if (signal.aborted) return;
      releaseMemory();
    }
  }
  const releasing = keepReleasing();
  try {
    return await work();
  } finally {
    over.abort();
    await releasing;
  }
}
