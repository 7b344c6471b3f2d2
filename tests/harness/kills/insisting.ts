/** Asks until somebody answers: where a connection breaks, nobody knows whether it was done. */

import { delay } from "../scene/wait.ts";

const PAUSE_MS = 50;
const PATIENCE_MS = 60_000;

/** Repeats the call when no answer came; an answer that is a refusal is thrown. */
export async function insisting<T>(call: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isBroken(error) || performance.now() > deadline) throw error;
    }
    await delay(PAUSE_MS).done;
  }
}

/** `fetch` rejects with a TypeError where the connection fails, with a DOMException where it is late. */
const isBroken = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof DOMException;
