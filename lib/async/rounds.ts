/** Repeats rounds of work with pauses between them; a wake ends the pause. */

import type { Clock } from "../ports.ts";
import { anySignal } from "./abort.ts";

export interface Rounds {
  /** Begins the next round now; during a round, right after it. */
  wake(): void;
  /**
   * Calls `round` until the signal aborts, then resolves. `round` resolves to the pause after it in
   * milliseconds. Call it once.
   *
   * @throws what `round` throws.
   */
  run(round: () => Promise<number>, signal: AbortSignal): Promise<void>;
}

export function createRounds(clock: Pick<Clock, "sleep">): Rounds {
  let pause = new AbortController();
  return {
    wake: () => pause.abort(),
    async run(round, signal) {
      while (!signal.aborted) {
        // Created before the round, so that a wake during the round triggers another one.
        pause = new AbortController();
        const ms = await round();
        using woken = anySignal(signal, pause.signal);
        await clock.sleep(ms, woken.signal).catch(() => {});
      }
    },
  };
}
