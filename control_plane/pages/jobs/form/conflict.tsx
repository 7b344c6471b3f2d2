/** An edit conflict: shows how the saved job differs from the form. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Job } from "../../../../lib/contract/job.ts";
import { Banner } from "../../frame/parts.tsx";
import { When } from "../../frame/times.tsx";
import { jobPath } from "../../paths.ts";
import { type DraftField, draftOfJob, jobBodyOf, type JobDraft } from "./draft.ts";
import { LABELS } from "./labels.ts";
import { EVERY_WORDS, SCHEDULE_FIELDS, SHOWN_BY } from "./schedule_draft.ts";

/** The labels, with a unit for the values that the form shows next to one. */
const NAMES: Readonly<Record<DraftField, string>> = {
  ...LABELS,
  minutes: "Minutes between runs",
  catch_up_seconds: "Catch-up window in seconds",
};

/** The fields that this kind of schedule uses; the form keeps the others hidden. */
function fieldsOf({ every }: JobDraft): readonly DraftField[] {
  const ofSchedule: readonly DraftField[] = every === "" ? [] : [
    ...SHOWN_BY[every] ?? [],
    "time_zone",
    "paused",
    "catch_up_seconds",
  ];
  const isShown = (field: DraftField) =>
    field === "every" || ofSchedule.includes(field) ||
    // The unit is shown with its number.
    field !== "run_limit_unit" && !SCHEDULE_FIELDS.some((other) => other === field);
  return (Object.keys(NAMES) as DraftField[]).filter(isShown);
}

function valueIn(draft: JobDraft, field: DraftField): string {
  if (field === "every") return EVERY_WORDS[draft.every] ?? draft.every;
  return field === "run_limit" ? `${draft.run_limit} ${draft.run_limit_unit}` : draft[field];
}

/** The draft is valid. */
export function Conflict({ job, draft }: { job: Job; draft: JobDraft }): JSX.Element {
  const saved = draftOfJob(job);
  // Normalised like the saved job, so that spaces and units do not count as differences.
  const meant = draftOfJob({ ...job, ...jobBodyOf(draft) });
  const differing = fieldsOf(saved)
    .map((field) => ({ field, value: valueIn(saved, field) }))
    .filter(({ field, value }) => value !== valueIn(meant, field));
  return (
    <Banner kind="bad">
      <p>
        Your changes were not saved, because the job was changed on{" "}
        <When at={job.updated_at} />, after you opened this form. {differing.length === 0
          ? "The saved job has the same values as your form."
          : "The saved job differs from your form:"}
      </p>
      <ul>
        {differing.map(({ field, value }) => (
          <li>
            {NAMES[field]}: {value === "" ? "empty" : <code>{value}</code>}
          </li>
        ))}
      </ul>
      <p>
        Save again to overwrite the saved job, or{" "}
        <a href={`${jobPath(job.id)}/edit`}>discard your changes and edit the saved job</a>.
      </p>
    </Banner>
  );
}
