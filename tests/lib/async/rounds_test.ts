/** Tests rounds of work: what begins the next one, and what ends them. */

import assert from "node:assert/strict";
import { createRounds } from "../../../lib/async/rounds.ts";
import { virtualClock } from "../../fakes/system/virtual_clock.ts";

Deno.test("the next round begins after the pause that the last one asked for", async () => {
  const clock = virtualClock();
  const stop = new AbortController();
  const began: number[] = [];
  await createRounds(clock).run(() => {
    began.push(clock.monotonic());
    if (began.length === 3) stop.abort();
    return Promise.resolve(began.length * 1_000);
  }, stop.signal);
  const [first = 0] = began;
  assert.deepEqual(began.map((at) => at - first), [0, 1_000, 3_000]);
});

Deno.test("a wake ends the pause, and during a round there is none", async () => {
  const clock = virtualClock();
  const stop = new AbortController();
  const rounds = createRounds(clock);
  const began: number[] = [];
  await rounds.run(() => {
    began.push(clock.monotonic());
    if (began.length === 1) rounds.wake();
    if (began.length === 2) clock.after(5, rounds.wake);
    if (began.length === 3) stop.abort();
    return Promise.resolve(60_000);
  }, stop.signal);
  const [first = 0] = began;
  assert.deepEqual(began.map((at) => at - first), [0, 0, 5]);
});

Deno.test("an error of a round ends the rounds", async () => {
  const failed = createRounds(virtualClock()).run(
    () => Promise.reject(new Error("taken over")),
    new AbortController().signal,
  );
  await assert.rejects(failed, { message: "taken over" });
});
