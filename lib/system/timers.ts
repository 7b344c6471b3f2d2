/** Keeps timers firing on a Deno that can lose them. */

/** The longest that a lost timer is late; a tick of 250 ms costs a tenth of a percent of a core. */
const TICK_MS = 250;

/**
 * To be called first by every program, which then ends itself by `Deno.exit`.
 *
 * Deno 2.7 to 2.9.0 notes, when timers are due, when the next one will be, and acts on that note only
 * after completed operations were resolved: a timer that is set in between, as by the callback of a
 * native addon or beside child processes, is forgotten. The process then sleeps through its timeouts,
 * heartbeats and limits until something else wakes it, which may be never
 * (https://github.com/denoland/deno/pull/35312, mended in 2.9.1). An interval from before is in every
 * such note, so that a forgotten timer fires with its next tick.
 */
export function keepTimersFiring(): void {
  setInterval(() => {}, TICK_MS);
}
