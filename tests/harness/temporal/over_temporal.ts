/** Helpers for test files whose tests share one Temporal server. */

import type { RunOutcome } from "../../../lib/contract/run.ts";
import { startWorld, type World } from "./world.ts";

/** Registers a test without leak detection, because Temporal's native workers keep threads and callbacks. */
export function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

/** Returns a world that starts before the first test of the file and ends after the last. Use it only in tests. */
export function sharedWorld(): Omit<World, typeof Symbol.asyncDispose> {
  let started: World | undefined;
  Deno.test.beforeAll(() => {
    started = startWorld();
  });
  Deno.test.afterAll(async () => {
    await started?.[Symbol.asyncDispose]();
  });
  const world = (): World => {
    if (!started) throw new Error("The world has not started: use it only in tests");
    return started;
  };
  return {
    get address() {
      return world().address;
    },
    get keys() {
      return world().keys;
    },
    get plane() {
      return world().plane;
    },
    stopTemporal: () => world().stopTemporal(),
    host: (hostId, disk) => world().host(hostId, disk),
  };
}

export const newHostId = (): string => `host-${crypto.randomUUID()}`;

/** The outcome of a run that is canceled before a host has accepted it. */
export const CANCELED_BEFORE: Omit<RunOutcome, "ended_at"> = {
  status: "canceled",
  reason: "canceled_by_user",
  message: "Canceled before the host started it",
  phases: [],
};

/** Returns the outcome without its end time. */
export function withoutTime({ ended_at: _, ...outcome }: RunOutcome): Omit<RunOutcome, "ended_at"> {
  return outcome;
}
