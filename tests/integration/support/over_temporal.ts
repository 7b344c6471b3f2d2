/** The head of a test file whose tests share one Temporal server. */

import type { RunOutcome } from "../../../lib/contract/run.ts";
import { startWorld, type World } from "../../harness/temporal/world.ts";

/** A test beside which a native worker may live: that keeps its threads and callbacks beyond it. */
export function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

/** A world that starts before the file's first test and ends after its last; it is there within tests only. */
export function sharedWorld(): Omit<World, typeof Symbol.asyncDispose> {
  let started: World | undefined;
  Deno.test.beforeAll(() => {
    started = startWorld();
  });
  Deno.test.afterAll(async () => {
    await started?.[Symbol.asyncDispose]();
  });
  const world = (): World => {
    if (!started) throw new Error("The world has not started: it is there within tests only");
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

/** Of a run that is canceled while no host has it. */
export const CANCELED_BEFORE: Omit<RunOutcome, "ended_at"> = {
  status: "canceled",
  reason: "canceled_by_user",
  message: "Canceled before the host started it",
  phases: [],
};

/** An outcome in what a test can know of it. */
export function withoutTime({ ended_at: _, ...outcome }: RunOutcome): Omit<RunOutcome, "ended_at"> {
  return outcome;
}
