/** The timeline of a run: its steps from trigger to end, with a bar for each. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { PhaseStamp, Run, RunPhase } from "../../../lib/contract/run.ts";
import { durationInWords, Moment, Span } from "../frame/times.tsx";

const STEP_WORDS: Readonly<Record<TimelineStep["name"], string>> = {
  queued: "Queued",
  accepted: "Accepted by the host",
  pulling: "Pulling the image",
  starting: "Starting the container",
  running: "Running",
  stopping: "Stopping",
  ended: "Ended",
};

export function Timeline({ run, now }: { run: Run; now: Date }): JSX.Element {
  return (
    <ol class="timeline">
      {timelineOf(run, now).map((step) => (
        <li class={step.isOpen ? "open" : ""} {...(step.isOpen ? { "aria-current": "step" } : {})}>
          <span class="step">{STEP_WORDS[step.name]}</span>
          <span class="at">
            <Moment at={step.at} />
          </span>
          <span class="took number">{took(step, now)}</span>
          {step.name === "ended" ? null : <Bar step={step} />}
        </li>
      ))}
    </ol>
  );
}

function took(step: TimelineStep, now: Date): JSX.Element | string {
  if (step.name === "ended") return "";
  if (step.isOpen) return <Span from={step.at} to={null} now={now} />;
  return durationInWords(step.ms);
}

/** Drawn as SVG, because the Content-Security-Policy forbids inline styles. */
function Bar({ step }: { step: TimelineStep }): JSX.Element {
  const percent = (share: number) => `${(share * 100).toFixed(2)}%`;
  return (
    <svg class="bar" height="6" width="100%" aria-hidden="true" focusable="false">
      <rect class="track" x="0" y="0" width="100%" height="6" rx="3" />
      <rect
        x={percent(Math.min(step.from, 0.995))}
        y="0"
        width={percent(Math.max(step.share, 0.005))}
        height="6"
        rx="3"
      />
    </svg>
  );
}

export interface TimelineStep {
  readonly name: "queued" | RunPhase | "ended";
  /** Start, ISO 8601 UTC. */
  readonly at: string;
  /** Duration so far; 0 for the end. */
  readonly ms: number;
  /** Whether the step is in progress. */
  readonly isOpen: boolean;
  /** Start and length as fractions of the whole run, 0 to 1. */
  readonly from: number;
  readonly share: number;
}

/**
 * Computes the steps. The host's clock stamps the phases and ours the trigger. If the clocks differ so that
 * a step would start before the previous one, it gets duration 0 instead of a negative one.
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
