/** Statuses as a word with an icon. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Host } from "../../../lib/contract/host.ts";
import type { RunStatus } from "../../../lib/contract/run.ts";
import { Shape } from "./icons.tsx";

export const STATUS_WORDS: Readonly<Record<RunStatus, string>> = {
  queued: "Queued",
  running: "Running",
  succeeded: "Succeeded",
  failed: "Failed",
  timed_out: "Timed out",
  canceled: "Canceled",
};

export const STATE_WORDS: Readonly<Record<Host["state"], string>> = {
  online: "Online",
  late: "Late",
  draining: "Draining",
  offline: "Offline",
};

export function StatusMark({ status }: { status: RunStatus }): JSX.Element {
  return (
    <span class={`mark-word ${status}`}>
      <Shape name={status} />
      {STATUS_WORDS[status]}
    </span>
  );
}

/** A skipped fire time. */
export function SkippedMark(): JSX.Element {
  return (
    <span class="mark-word skipped">
      <Shape name="skipped" />
      Skipped
    </span>
  );
}

export function StateMark({ state }: { state: Host["state"] }): JSX.Element {
  return (
    <span class={`mark-word ${state}`}>
      <Shape name={state} />
      {STATE_WORDS[state]}
    </span>
  );
}
