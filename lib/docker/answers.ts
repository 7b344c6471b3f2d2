/** Parses the Engine's answers, as far as we read them (Engine API 1.41 and newer), errors included. */

import * as v from "valibot";
import * as problems from "../problems/docker.ts";
import type { Problem } from "../problems/problem.ts";

export const VersionSchema = v.object({
  Version: v.string(),
  ApiVersion: v.string(),
  MinAPIVersion: v.optional(v.string()),
});

export const InfoSchema = v.object({
  InitBinary: v.optional(v.string(), ""),
  InitCommit: v.optional(v.object({ ID: v.optional(v.string(), "") }), {}),
});

export const CreatedSchema = v.object({ Id: v.string() });
export const ExitSchema = v.object({ StatusCode: v.number() });

export const ListedSchema = v.array(v.object({
  Id: v.string(),
  Names: v.array(v.string()),
  State: v.string(),
  Labels: v.nullish(v.record(v.string(), v.string()), {}),
}));

/** One line of a pull's progress. A pull that fails reports its error in a stream whose status is 200. */
export const ProgressSchema = v.object({
  status: v.optional(v.string()),
  /** The layer, if the line is about one. */
  id: v.optional(v.string()),
  /** Bytes of the layer: downloaded so far, and in total. */
  progressDetail: v.optional(
    v.object({ current: v.optional(v.number()), total: v.optional(v.number()) }),
  ),
  error: v.optional(v.string()),
});
export type PullProgress = v.InferOutput<typeof ProgressSchema>;

export const CONTAINER_STATES = [
  "created",
  "running",
  "paused",
  "restarting",
  "removing",
  "exited",
  "dead",
] as const;

/** A time, or `undefined` for never, which the engine writes as the year 1. */
const moment = v.pipe(
  v.string(),
  v.transform((text) => text.startsWith("0001-") ? undefined : text),
);

/** The answer of `GET /containers/{id}/json`, in our own names. */
export const ContainerSchema = v.pipe(
  v.object({
    Id: v.string(),
    Name: v.string(),
    Config: v.object({ Labels: v.nullish(v.record(v.string(), v.string()), {}) }),
    HostConfig: v.object({ Memory: v.optional(v.number(), 0) }),
    State: v.object({
      Status: v.picklist(CONTAINER_STATES),
      ExitCode: v.number(),
      OOMKilled: v.optional(v.boolean(), false),
      Error: v.optional(v.string(), ""),
      StartedAt: moment,
      FinishedAt: moment,
    }),
  }),
  v.transform(({ Id, Name, Config, HostConfig, State }) => ({
    id: Id,
    name: Name.replace(/^\//, ""),
    labels: Config.Labels ?? {},
    memoryBytes: HostConfig.Memory,
    state: State.Status,
    exitCode: State.ExitCode,
    oomKilled: State.OOMKilled,
    /** The engine's text if it could not start the container. */
    error: State.Error,
    startedAt: State.StartedAt,
    finishedAt: State.FinishedAt,
  })),
);
export type Container = v.InferOutput<typeof ContainerSchema>;

const ErrorSchema = v.object({ message: v.string() });

/** The daemon adds this header to its answers; the socket proxy's own refusals lack it. */
const DAEMON_HEADER = "Api-Version";

/** Longest text of the engine that is kept; it becomes part of a message of at most 4,096 bytes. */
const LONGEST_ANSWER = 1_000;

/** Codes of the Problems that the engine client throws. */
export type EngineTrouble =
  | "docker_unavailable"
  | "docker_denied"
  | "docker_not_found"
  | "docker_conflict"
  | "docker_refused"
  | "docker_too_new";

/** Whether the engine client threw a Problem of this code. */
export function isTrouble(thrown: unknown, code: EngineTrouble): thrown is Problem {
  return thrown instanceof Error && "code" in thrown && thrown.code === code;
}

/** Returns the Problem for a status of 400 or more; `text` is the whole body of the answer. */
export function problemOf(response: Response, { doing, text }: Attempted): Problem {
  const fromDaemon = response.headers.has(DAEMON_HEADER);
  const answer = answerOf(text) || `status ${response.status}`;
  if (response.status === 403 && !fromDaemon) return problems.engineDenied(doing);
  if (response.status >= 500 && !(fromDaemon && response.status === 500)) {
    return problems.engineUnavailable(doing, answer);
  }
  if (response.status === 404) return problems.engineNotFound(doing, answer);
  if (response.status === 409) return problems.engineConflict(doing, answer);
  return problems.engineRefused(doing, answer);
}

interface Attempted {
  readonly doing: string;
  readonly text: string;
}

function answerOf(text: string): string {
  try {
    const body = v.safeParse(ErrorSchema, JSON.parse(text));
    if (body.success) return body.output.message.trim().slice(0, LONGEST_ANSWER);
  } catch {
    // Not JSON: a proxy's page. The status says enough.
  }
  return "";
}
