/** Works on many items a few at a time, so that one that fails bars no other. */

const AT_ONCE = 16;

/** Answers the items that failed, and why. */
export async function forEachOf<T>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<Map<T, unknown>> {
  const failed = new Map<T, unknown>();
  const queue = items.values();
  async function drain(): Promise<void> {
    for (const item of queue) {
      // Unreached items count as failed, with the reason of the abort.
      if (signal.aborted) failed.set(item, signal.reason);
      else await work(item, signal).catch((error: unknown) => failed.set(item, error));
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, drain));
  return failed;
}
