/** The timeline of a run, as a list of steps with a bar for each. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Run } from "../../../lib/contract/run.ts";
import { durationInWords } from "../frame/durations.ts";
import { Moment, Span } from "../frame/times.tsx";
import { timelineOf, type TimelineStep } from "./timeline.ts";

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

/** Drawn, not styled: the policy of the pages knows no inline style. */
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
