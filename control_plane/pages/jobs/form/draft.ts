/** A job as typed in the form: every field is a string, valid or not, so that nothing typed is lost. */

import { BATCH_AGENT_TYPES, type BatchAgentType } from "../../../../lib/contract/agent_types.ts";
import { type Job, type JobBody, JobBodySchema } from "../../../../lib/contract/job.ts";
import { Problem, type ProblemDetail } from "../../../../lib/problems/problem.ts";
import { inputInvalid } from "../../../../lib/problems/rest.ts";
import { checked } from "../../../http/body.ts";
import {
  draftOfSchedule,
  NEW_SCHEDULE,
  SCHEDULE_FIELDS,
  shownScheduleOf,
} from "./schedule_draft.ts";

const FIELDS = [
  "name",
  "agent_type",
  "host_id",
  "connectors",
  "connection_name",
  "file_name",
  "command",
  "run_limit",
  "run_limit_unit",
  ...SCHEDULE_FIELDS,
] as const;
export type DraftField = typeof FIELDS[number];
export type JobDraft = Readonly<Record<DraftField, string>>;

export const LIMIT_UNITS = [
  { name: "minutes", seconds: 60 },
  { name: "hours", seconds: 3_600 },
  { name: "days", seconds: 86_400 },
] as const;

const NEW: JobDraft = {
  name: "",
  agent_type: "lineage",
  host_id: "",
  connectors: "",
  connection_name: "",
  file_name: "",
  command: "",
  run_limit: "4",
  run_limit_unit: "hours",
  ...NEW_SCHEDULE,
};

/** Reads a draft from a form; missing fields have the values of a new job. */
export function draftOf(form: URLSearchParams): JobDraft {
  // Unticked boxes are not submitted, so only a new form gets the default days.
  const isSent = form.has("every");
  const typed = FIELDS.map((field) => {
    const values = form.getAll(field);
    return [
      field,
      values.length === 0 && !(isSent && field === "weekdays") ? NEW[field] : values.join(","),
    ];
  });
  return Object.fromEntries(typed);
}

/** Reports which of the two parameter shapes an agent type has. */
export const isOfConnectors = (type: string): boolean => type !== "datahealth";

export function typeOf(draft: JobDraft): BatchAgentType {
  return BATCH_AGENT_TYPES.find((type) => type === draft.agent_type) ?? "lineage";
}

/** Makes the draft of a saved job. */
export function draftOfJob(job: Job): JobDraft {
  const { connectors, connection_name, file_name, command } = job.parameters;
  const seconds = job.run_limit_seconds;
  const unit = LIMIT_UNITS.findLast(({ seconds: size }) => seconds % size === 0);
  return {
    name: job.name,
    agent_type: job.agent_type,
    host_id: job.host_id,
    connectors: Array.isArray(connectors) ? connectors.join(", ") : "",
    connection_name: textOf(connection_name),
    file_name: textOf(file_name),
    command: textOf(command),
    // REST can set a limit in seconds; it is shown in minutes with a fraction.
    run_limit: String(seconds / (unit ?? LIMIT_UNITS[0]).seconds),
    run_limit_unit: (unit ?? LIMIT_UNITS[0]).name,
    ...draftOfSchedule(job.schedule),
  };
}

const textOf = (value: unknown): string => typeof value === "string" ? value : "";

/** Parses a draft to a job's definition. @throws `invalid_input` with all errors. */
export function jobBodyOf(draft: JobDraft): JobBody {
  const faults: ProblemDetail[] = [];
  const unlessWrong = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      faults.push(...error.details);
      return undefined;
    }
  };
  const schedule = unlessWrong(() => shownScheduleOf(draft)) ?? null;
  const body = unlessWrong(() => checked(JobBodySchema, bodyOf(draft, schedule)));
  if (!body || faults.length > 0) throw inputInvalid(faults);
  return body;
}

function bodyOf(draft: JobDraft, schedule: unknown): Record<string, unknown> {
  const { name, host_id, run_limit, run_limit_unit } = draft;
  const unit = LIMIT_UNITS.find((one) => one.name === run_limit_unit) ?? LIMIT_UNITS[0];
  const limit = run_limit.trim() === "" ? NaN : Number(run_limit.replace(",", "."));
  return {
    name,
    host_id,
    agent_type: draft.agent_type,
    parameters: isOfConnectors(draft.agent_type)
      ? { connectors: connectorsIn(draft), ...unlessEmpty("connection_name", draft) }
      : { file_name: draft.file_name.trim(), ...unlessEmpty("command", draft) },
    run_limit_seconds: Math.round(limit * unit.seconds),
    schedule,
  };
}

function connectorsIn({ connectors }: JobDraft): string[] {
  return connectors.split(/[,\n]/).map((word) => word.trim()).filter((word) => word !== "");
}

function unlessEmpty(field: "connection_name" | "command", draft: JobDraft) {
  const value = draft[field].trim();
  return value === "" ? {} : { [field]: value };
}

export type DraftErrors = Readonly<Partial<Record<DraftField, string>>>;

/** Errors by field; the first one of each field. */
export function errorsOf({ details }: Problem, draft: JobDraft): DraftErrors {
  const errors: Partial<Record<DraftField, string>> = {};
  for (const { path = "", message } of details) {
    const field = fieldOf(path);
    if (field !== undefined) errors[field] ??= wordsFor(field, { path, message, draft });
  }
  return errors;
}

function fieldOf(path: string): DraftField | undefined {
  if (path === "run_limit_seconds") return "run_limit";
  const name = path.replace(/^(parameters|schedule)\./, "").split(".")[0];
  return FIELDS.find((field) => field === name);
}

function wordsFor(
  field: DraftField,
  { path, message, draft }: { path: string; message: string; draft: JobDraft },
): string {
  if (field === "host_id" && draft.host_id === "") return "Choose a host";
  if (field === "run_limit" && /^must be number/.test(message)) return "Must be a number";
  if (field === "connectors" && /\.\d+$/.test(path)) {
    const word = connectorsIn(draft)[Number(path.split(".").at(-1))];
    return `"${word}" ${message}`;
  }
  if (draft[field].trim() === "") return EMPTY[field] ?? "Must not be empty";
  return message.charAt(0).toUpperCase() + message.slice(1);
}

const EMPTY: DraftErrors = {
  name: "Give the job a name",
  connectors: "Enter at least one connector type",
  file_name: "Enter the name of the file",
  cron: "Enter a cron expression",
  weekdays: "Choose at least one day",
  at: "Enter a time",
  time_zone: "Check the time zone and the next runs, then save again",
};
