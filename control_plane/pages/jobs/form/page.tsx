/** The form that creates and edits a job; the chosen agent type determines the other fields. */

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import {
  AGENT_TYPE_NAMES,
  BATCH_AGENT_TYPES,
  type BatchAgentType,
} from "../../../../lib/contract/agent_types.ts";
import type { Host } from "../../../../lib/contract/host.ts";
import type { Problem } from "../../../../lib/problems/problem.ts";
import { RefusedBanner } from "../../frame/failure_page.tsx";
import { NewId } from "../../frame/form.tsx";
import { Banner, described, Field, PostForm } from "../../frame/parts.tsx";
import type { Viewer } from "../../page.ts";
import { type DraftErrors, type DraftField, errorsOf, type JobDraft, typeOf } from "./draft.ts";
import { HostField, LimitField, ParameterFields } from "./fields.tsx";
import { LABELS } from "./labels.ts";
import { ScheduleFields } from "./schedule_fields.tsx";

export interface JobFormProps {
  readonly viewer: Viewer;
  /** The form's action URL. */
  readonly to: string;
  /** The submitted fields, if the form is shown again. */
  readonly sent?: URLSearchParams;
  readonly draft: JobDraft;
  /** Why the draft was not saved. */
  readonly problem?: Problem | undefined;
  readonly hosts: readonly Host[];
  /** Present for a saved job: its type is fixed, and this is the version that was loaded. */
  readonly saved?: { readonly version: string };
  readonly back: string;
  readonly now: Date;
  /** Content above the fields. */
  readonly note?: Child;
}

const PURPOSES: Readonly<Record<BatchAgentType, string>> = {
  lineage: "Lineage from databases, BI and ETL tools",
  datahealth: "Data quality, written into your catalog",
  "external-monitors": "Tests of other tools, such as dbt",
};

export function JobForm(props: JobFormProps): JSX.Element {
  const { viewer, to, sent, draft, problem, hosts, saved, back, note, now } = props;
  const errors = problem ? errorsOf(problem, draft) : {};
  return (
    <PostForm to={to} viewer={viewer} name="job-form">
      {/* Enter in a field presses the form's first button, which must not be one that swaps fields. */}
      <button
        type="submit"
        name="intent"
        value="save"
        class="aloud"
        tabindex={-1}
        aria-hidden="true"
      >
        Save
      </button>
      {note ?? null}
      <Faults errors={errors} problem={problem} />
      {saved
        ? <input type="hidden" name="version" value={saved.version} />
        : <NewId sent={sent} problem={problem} />}
      <Field id="name" label={LABELS.name} error={errors.name}>
        <input
          id="name"
          name="name"
          value={draft.name}
          maxlength={200}
          {...described("name", { error: errors.name })}
        />
      </Field>
      {saved ? <FixedType draft={draft} /> : <TypeField draft={draft} />}
      <div id="by-type" class="by-type">
        <HostField draft={draft} errors={errors} hosts={hosts} />
        <ParameterFields draft={draft} errors={errors} />
      </div>
      <ScheduleFields draft={draft} errors={errors} now={now} />
      <LimitField draft={draft} errors={errors} />
      <div class="deciding">
        <button type="submit" name="intent" value="save" class="primary">
          {saved ? "Save changes" : "Create job"}
        </button>
        <a class="button" href={back}>Discard</a>
      </div>
    </PostForm>
  );
}

/** A summary of all errors with links to their fields. */
function Faults(
  { errors, problem }: { errors: DraftErrors; problem: Problem | undefined },
): JSX.Element | null {
  const wrong = Object.keys(errors) as DraftField[];
  if (wrong.length === 0) return problem ? <RefusedBanner problem={problem} /> : null;
  return (
    <Banner kind="bad">
      <p>The job was not saved. Correct these fields:</p>
      <ul>
        {wrong.map((field) => (
          <li>
            <a href={`#${field}`}>{LABELS[field]}</a>: {errors[field]}
          </li>
        ))}
      </ul>
    </Banner>
  );
}

function TypeField({ draft }: { draft: JobDraft }): JSX.Element {
  const chosen = typeOf(draft);
  return (
    <fieldset class="field" id="agent_type" data-swap="by-type">
      <legend>{LABELS.agent_type}</legend>
      <div class="choices">
        {BATCH_AGENT_TYPES.map((type) => (
          <label class="choice">
            <input
              type="radio"
              name="agent_type"
              value={type}
              {...(type === chosen ? { checked: true } : {})}
            />
            <span>
              <strong>{AGENT_TYPE_NAMES[type]}</strong>
              <span class="quiet">{PURPOSES[type]}</span>
            </span>
          </label>
        ))}
      </div>
      <button type="submit" name="intent" value="swap" class="scriptless" formnovalidate>
        Show the fields of this type
      </button>
    </fieldset>
  );
}

function FixedType({ draft }: { draft: JobDraft }): JSX.Element {
  return (
    <div class="field">
      <p class="label">{LABELS.agent_type}</p>
      <input type="hidden" name="agent_type" value={draft.agent_type} />
      <p>
        {AGENT_TYPE_NAMES[typeOf(draft)]}{" "}
        <span class="quiet">cannot be changed; for another type, create another job</span>
      </p>
    </div>
  );
}
