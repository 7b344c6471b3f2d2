/** Works on many items a few at a time, so that one slow or failing item does not hold up the others. */

const AT_ONCE = 16;

/**
 * Calls `work` for every item, 16 at a time. Returns the items that failed, each with its error; once
 * the signal aborts, the items not yet begun fail with its reason. Never rejects.
 */
export async function forEachConcurrently<T>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<Map<T, unknown>> {
  const failed = new Map<T, unknown>();
  const queue = items.values();
  async function drain(): Promise<void> {
    for (const item of queue) {
      if (signal.aborted) failed.set(item, signal.reason);
      else await work(item, signal).catch((error: unknown) => failed.set(item, error));
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, drain));
  return failed;
}
