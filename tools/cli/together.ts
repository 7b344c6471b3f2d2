/** Work that is done at the same time. */

import { Refusal } from "./refusal.ts";

type Values<T extends readonly Promise<unknown>[]> = {
  -readonly [K in keyof T]: Awaited<T[K]>;
};

/**
 * Awaits independent parts. A failure is told once all have ended, so that none is left halfway; a
 * refusal at once, as it comes before anything is changed.
 */
export async function together<const T extends readonly Promise<unknown>[]>(
  ...parts: T
): Promise<Values<T>> {
  try {
    return await Promise.all(parts) as Values<T>;
  } catch (error) {
    if (!(error instanceof Refusal)) await Promise.allSettled(parts);
    throw error;
  }
}
