/** Shapes of the Engine's answers, as far as we read them (Engine API 1.41 and newer). */

import * as v from "valibot";

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

/** One line of a pull's progress; an error comes inside a stream whose status was 200. */
export const ProgressSchema = v.object({
  status: v.optional(v.string()),
  /** The layer that this is about, where it is about one. */
  id: v.optional(v.string()),
  /** Bytes of the layer. */
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

/** The engine writes "never" as the year 1. */
const moment = v.pipe(
  v.string(),
  v.transform((text) => text.startsWith("0001-") ? undefined : text),
);

/** A container as `GET /containers/{id}/json` shows it, in our words. */
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
    /** The engine's text when it could not start the container. */
    error: State.Error,
    startedAt: State.StartedAt,
    finishedAt: State.FinishedAt,
  })),
);
export type Container = v.InferOutput<typeof ContainerSchema>;
