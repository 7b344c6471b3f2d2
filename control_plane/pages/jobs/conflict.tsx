/** Two people edit one job: what the other one saved meanwhile, beside what is in the form. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Job } from "../../../lib/contract/job.ts";
import { Banner } from "../frame/parts.tsx";
import { When } from "../frame/times.tsx";
import { jobPath } from "../paths.ts";
import { type DraftField, draftOfJob, type JobDraft } from "./draft.ts";

const NAMES: Readonly<Partial<Record<DraftField, string>>> = {
  name: "Name",
  host_id: "Host",
  connectors: "Connector types",
  connection_name: "Connection",
  file_name: "File name",
  command: "Command",
  run_limit: "Run limit",
  run_limit_unit: "Unit of the run limit",
  every: "Schedule",
  minutes: "Minutes between runs",
  minute: "Minutes past the hour",
  at: "Time",
  weekdays: "Days",
  cron: "Cron expression",
  time_zone: "Time zone",
  paused: "Paused",
  catch_up_seconds: "Seconds to start late",
};

export function Conflict({ job, draft }: { job: Job; draft: JobDraft }): JSX.Element {
  const saved = draftOfJob(job);
  const differing = (Object.keys(NAMES) as DraftField[])
    .filter((field) => saved[field] !== draft[field].trim());
  return (
    <Banner kind="bad">
      <p>
        Nothing is saved yet: somebody else changed this job <When at={job.updated_at} />.
        {differing.length === 0
          ? " They saved what you have in the form."
          : " Your form differs from what is saved now in:"}
      </p>
      <ul>
        {differing.map((field) => (
          <li>
            {NAMES[field]}: saved is {saved[field] === "" ? "nothing" : <code>{saved[field]}</code>}
          </li>
        ))}
      </ul>
      <p>
        Save again to put yours in its place, or{" "}
        <a href={`${jobPath(job.id)}/edit`}>begin anew from what is saved</a>.
      </p>
    </Banner>
  );
}
