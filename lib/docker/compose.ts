/** Calls `docker compose` for one project and one file, and reads its list of services. */

import type { Exec, ExecResult } from "../ports.ts";

export interface ComposeStack {
  /** Runs a sub-command and captures its output. A failed command is a result, not an error. */
  run(args: readonly string[], signal?: AbortSignal): Promise<ExecResult>;
  /** Runs a sub-command on this process's own streams; returns its exit code. */
  attach(args: readonly string[], signal?: AbortSignal): Promise<number>;
}

export interface ComposeTarget {
  readonly project: string;
  /** Absolute path of the compose file. */
  readonly file: string;
  readonly folder: string;
}

/** Variables that the operator set for other stacks must not change this one. */
const COMPOSE_VARIABLES = /^COMPOSE_/;
/** The same holds for a `.env` in the host folder. Compose also fails on lines of it that it cannot read. */
const NO_ENV_FILE = { COMPOSE_DISABLE_ENV_FILE: "1" };

/** `docker compose logs` begins each line with this, even if its output is not a terminal. */
const ERASE_LINE = "\x1b[2K";

export function composeStack(exec: Exec, { project, file, folder }: ComposeTarget): ComposeStack {
  const argv = (
    args: readonly string[],
  ) => ["docker", "compose", "-p", project, "-f", file, ...args];
  const options = (signal?: AbortSignal) => ({
    cwd: folder,
    without: COMPOSE_VARIABLES,
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
  /** In Docker's words: `running`, `restarting`, `exited`… */
  readonly state: string;
  /** `healthy`, `unhealthy`, `starting`, or empty without a health check. */
  readonly health: string;
  readonly image: string;
  /** In Docker's words, as in `Up 2 minutes (healthy)`. */
  readonly status: string;
}

/** Parses `docker compose ps --format json`: up to Compose 2.20 one list, since then one object per line. */
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
