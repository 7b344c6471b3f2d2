/** A run as steps in time: from the trigger to the end. */

import type { PhaseStamp, Run, RunPhase } from "../../../lib/contract/run.ts";

export interface TimelineStep {
  readonly name: "queued" | RunPhase | "ended";
  /** When it began, ISO 8601 UTC. */
  readonly at: string;
  /** How long it took, or takes so far; the end takes no time. */
  readonly ms: number;
  /** Still going on. */
  readonly isOpen: boolean;
  /** Where it begins and how long it is, in shares of the whole run, 0 to 1. */
  readonly from: number;
  readonly share: number;
}

/**
 * The host's clock stamps the phases and ours the trigger: a step that would begin before the one ahead
 * of it, since clocks differ, takes no time instead of a negative one.
 */
export function timelineOf(
  run: Pick<Run, "created_at" | "ended_at"> & { readonly phases: readonly PhaseStamp[] },
  now: Date,
): readonly TimelineStep[] {
  const stamps: { name: TimelineStep["name"]; at: string }[] = [
    { name: "queued", at: run.created_at },
    ...run.phases.map(({ phase, at }) => ({ name: phase, at })),
    ...(run.ended_at === null ? [] : [{ name: "ended" as const, at: run.ended_at }]),
  ];
  let latest = -Infinity;
  const begins = stamps.map(({ at }) => latest = Math.max(latest, Date.parse(at)));
  const first = begins[0] ?? 0;
  const end = run.ended_at === null ? Math.max(latest, now.getTime()) : latest;
  const whole = Math.max(1, end - first);
  return stamps.map(({ name, at }, index) => {
    const begin = begins[index] ?? first;
    const ms = name === "ended" ? 0 : (begins[index + 1] ?? end) - begin;
    const isOpen = run.ended_at === null && index === stamps.length - 1;
    return { name, at, ms, isOpen, from: (begin - first) / whole, share: ms / whole };
  });
}
