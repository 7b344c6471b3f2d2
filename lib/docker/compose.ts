/** The `docker compose` program, bound to one project and one file. */

import type { Exec, ExecResult } from "../ports.ts";

export interface ComposeStack {
  /** Runs a sub-command and captures what it says; a failure is a value. */
  run(args: readonly string[], signal?: AbortSignal): Promise<ExecResult>;
  /** Runs a sub-command on this process's own streams; answers its exit code. */
  attach(args: readonly string[], signal?: AbortSignal): Promise<number>;
}

export interface ComposeTarget {
  readonly project: string;
  /** Absolute path of the one compose file. */
  readonly file: string;
  readonly folder: string;
}

/** What the operator has in the environment for other stacks must not steer this one. */
const STEERING = /^COMPOSE_/;
/** Nor must a `.env` in the host's folder, in which Compose also refuses lines that it does not understand. */
const NO_ENV_FILE = { COMPOSE_DISABLE_ENV_FILE: "1" };

/** `docker compose logs` begins each line by erasing it, also where its output is no terminal. */
const ERASE_LINE = "\x1b[2K";

export function composeStack(exec: Exec, { project, file, folder }: ComposeTarget): ComposeStack {
  const argv = (
    args: readonly string[],
  ) => ["docker", "compose", "-p", project, "-f", file, ...args];
  const options = (signal?: AbortSignal) => ({
    cwd: folder,
    without: STEERING,
    env: NO_ENV_FILE,
    ...(signal === undefined ? {} : { signal }),
  });
  return {
    async run(args, signal) {
      const { stdout, ...result } = await exec.run(argv(args), options(signal));
      return { ...result, stdout: stdout.replaceAll(ERASE_LINE, "") };
    },
    attach: (args, signal) => exec.attach(argv(args), options(signal)),
  };
}

export interface ServiceState {
  readonly service: string;
  /** As Docker says it: `running`, `restarting`, `exited`… */
  readonly state: string;
  /** `healthy`, `unhealthy`, `starting`, or empty without a health check. */
  readonly health: string;
  readonly image: string;
  /** As Docker says it: `Up 2 minutes (healthy)`. */
  readonly status: string;
}

/** Reads `docker compose ps --format json`: one list up to Compose 2.20, one object a line since. */
export function parseServices(stdout: string): readonly ServiceState[] {
  const text = stdout.trim();
  if (text === "") return [];
  const rows: readonly Record<string, unknown>[] = text.startsWith("[")
    ? JSON.parse(text)
    : text.split("\n").map((line) => JSON.parse(line));
  const word = (value: unknown) => typeof value === "string" ? value : "";
  return rows.map((row) => ({
    service: word(row["Service"]),
    state: word(row["State"]),
    health: word(row["Health"]),
    image: word(row["Image"]),
    status: word(row["Status"]),
  })).toSorted((a, b) => a.service.localeCompare(b.service));
}
