/** The schedule fields of the job form: a picker or a cron expression, and the next fire times. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { CATCH_UP_SECONDS } from "../../../../lib/contract/schedules/schedule.ts";
import { CLOCK_CHANGE_RULE, MINUTE_STEPS } from "../../../../lib/contract/schedules/words.ts";
import { Shape } from "../../frame/icons.tsx";
import { Aloud, described, Field } from "../../frame/parts.tsx";
import { durationInWords, When } from "../../frame/times.tsx";
import type { DraftErrors, JobDraft } from "./draft.ts";
import { LABELS } from "./labels.ts";
import { EVERY_WORDS, firesNext, type ScheduleField, SHOWN_BY } from "./schedule_draft.ts";

interface Props {
  readonly draft: JobDraft;
  readonly errors: DraftErrors;
}

export function ScheduleFields(
  { draft, errors, now }: Props & { readonly now: Date },
): JSX.Element {
  return (
    <fieldset class="field schedule">
      <legend>Schedule</legend>
      <div data-swap="schedule-fields fire-times">
        <Choice
          id="every"
          label="Runs"
          options={Object.entries(EVERY_WORDS)}
          value={draft.every}
        />
        <button type="submit" name="intent" value="swap" class="scriptless" formnovalidate>
          Show the fields of this schedule
        </button>
      </div>
      <div id="schedule-fields" data-swap="fire-times">
        <ShownFields draft={draft} errors={errors} />
      </div>
      <Aloud>
        <div id="fire-times">
          <FireTimes draft={draft} now={now} />
        </div>
      </Aloud>
    </fieldset>
  );
}

/** Hidden fields keep their values, so that returning to a choice restores them. */
function ShownFields({ draft, errors }: Props): JSX.Element {
  const shown = SHOWN_BY[draft.every] ?? [];
  const all: readonly ScheduleField[] = ["minutes", "minute", "at", "weekdays", "cron"];
  return (
    <>
      {all.filter((field) => !shown.includes(field)).map((field) => (
        <input type="hidden" name={field} value={draft[field]} />
      ))}
      {shown.map((field) => <OneField field={field} draft={draft} errors={errors} />)}
      {draft.every === "" ? <KeptRest draft={draft} /> : <Rest draft={draft} errors={errors} />}
    </>
  );
}

function OneField(
  { field, draft, errors }: Props & { readonly field: ScheduleField },
): JSX.Element {
  if (field === "weekdays") return <Weekdays draft={draft} error={errors.weekdays} />;
  if (field === "minutes") {
    const options = MINUTE_STEPS.map((step) => [String(step), `${step} min`] as const);
    return <Choice id="minutes" label={LABELS.minutes} options={options} value={draft.minutes} />;
  }
  const look = {
    minute: { label: LABELS.minute, type: "text" },
    at: { label: LABELS.at, type: "time" },
    cron: { label: LABELS.cron, type: "text" },
  }[field as "minute" | "at" | "cron"];
  const hint = field === "cron"
    ? (
      <>
        Minute, hour, day of month, month, day of week, as in <code>30 6 * * 1-5</code>
      </>
    )
    : undefined;
  return (
    <Field id={field} label={look.label} hint={hint} error={errors[field]}>
      <input
        id={field}
        name={field}
        type={look.type}
        value={draft[field]}
        {...described(field, { hint: hint !== undefined, error: errors[field] })}
      />
    </Field>
  );
}

function Rest({ draft, errors }: Props): JSX.Element {
  const isNew = draft.time_zone === "";
  return (
    <>
      <Field id="time_zone" label={LABELS.time_zone} error={errors.time_zone}>
        <input
          id="time_zone"
          name="time_zone"
          value={isNew ? "UTC" : draft.time_zone}
          list="zones"
          {...(isNew ? { "data-own-zone": true } : {})}
          {...described("time_zone", { error: errors.time_zone })}
        />
      </Field>
      <datalist id="zones">
        {Intl.supportedValuesOf("timeZone").map((zone) => <option value={zone}></option>)}
      </datalist>
      <Choice
        id="catch_up_seconds"
        label={LABELS.catch_up_seconds}
        hint="After an outage of Bigeye, one run makes up for those missed within this time; earlier ones are skipped"
        options={catchUps(draft).map((seconds) =>
          [String(seconds), durationInWords(seconds * 1000)] as const
        )}
        value={draft.catch_up_seconds}
      />
      <label class="tick">
        <input
          type="checkbox"
          name="paused"
          value="yes"
          {...(draft.paused === "" ? {} : { checked: true })}
        />
        Paused: the schedule starts no runs until you resume it
      </label>
    </>
  );
}

function KeptRest({ draft }: { draft: JobDraft }): JSX.Element {
  const kept: readonly ScheduleField[] = ["time_zone", "catch_up_seconds", "paused"];
  return (
    <>
      {kept.map((field) =>
        draft[field] === "" ? null : <input type="hidden" name={field} value={draft[field]} />
      )}
    </>
  );
}

/** A value set over REST is offered as a choice. */
function catchUps({ catch_up_seconds }: JobDraft): readonly number[] {
  const { least, usual, most } = CATCH_UP_SECONDS;
  const set = new Set([least, 600, usual, 21_600, most, Number(catch_up_seconds) || usual]);
  return [...set].toSorted((a, b) => a - b);
}

function FireTimes({ draft, now }: { draft: JobDraft; now: Date }): JSX.Element | null {
  if (draft.every === "") return null;
  return (
    <div class="fire-times">
      <p class="label">Next runs</p>
      {draft.paused === ""
        ? <Times of={firesNext(draft, now)} />
        : <p class="quiet">None while the schedule is paused.</p>}
      <p class="hint">
        If the previous run is still active at one of these times, that run is skipped, and the
        job's history shows it. {CLOCK_CHANGE_RULE}
      </p>
    </div>
  );
}

function Times({ of }: { of: readonly string[] }): JSX.Element {
  if (of.length === 0) return <p class="quiet">Shown once the schedule is complete.</p>;
  return (
    <ol>
      {of.map((at) => (
        <li>
          <When at={at} />
        </li>
      ))}
    </ol>
  );
}

function Choice(
  { id, label, hint, options, value }: {
    id: ScheduleField;
    label: string;
    hint?: string;
    options: readonly (readonly [value: string, words: string])[];
    value: string;
  },
): JSX.Element {
  return (
    <Field id={id} label={label} hint={hint}>
      <select id={id} name={id} {...described(id, { hint: hint !== undefined })}>
        {options.map(([option, words]) => (
          <option value={option} {...(option === value ? { selected: true } : {})}>{words}</option>
        ))}
      </select>
    </Field>
  );
}

/** Sunday is 0 and comes last. */
const DAYS = [[1, "Mon"], [2, "Tue"], [3, "Wed"], [4, "Thu"], [5, "Fri"], [6, "Sat"], [0, "Sun"]];

export function Weekdays(
  { draft, error }: { draft: JobDraft; error: string | undefined },
): JSX.Element {
  const chosen = new Set(draft.weekdays.split(","));
  return (
    <fieldset
      class="field"
      id="weekdays"
      {...(error ? { "aria-describedby": "weekdays-error" } : {})}
    >
      <legend>Days</legend>
      <div class="ticks">
        {DAYS.map(([day, word]) => (
          <label class="tick">
            <input
              type="checkbox"
              name="weekdays"
              value={String(day)}
              {...(chosen.has(String(day)) ? { checked: true } : {})}
            />
            {word}
          </label>
        ))}
      </div>
      {error
        ? (
          <p class="error" id="weekdays-error">
            <Shape name="warning" /> {error}
          </p>
        )
        : null}
    </fieldset>
  );
}
