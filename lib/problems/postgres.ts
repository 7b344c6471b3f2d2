/** What can be wrong with a Postgres that the control plane keeps its data in. */

import { Problem, reasonOf } from "./problem.ts";

/** Without the URL itself, which may hold a password. */
export function databaseUrlInvalid(): Problem {
  return new Problem({
    code: "database_url_invalid",
    message: "Cannot read the database URL",
    hint: "Write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE, special characters encoded",
    exit: "usage",
  });
}

/** `name` has no password in it. */
export function databaseUnopened(name: string, cause: unknown): Problem {
  return new Problem({
    code: "store_unopened",
    message: `Cannot open the database "${name}"`,
    hint: `Run "psql ${name}" here: server, database, user and password must be right`,
    exit: "prerequisite",
    details: [{ message: reasonOf(cause) }],
    cause,
  });
}

export function databaseNotMigrated(name: string, cause: unknown): Problem {
  return new Problem({
    code: "store_not_migrated",
    message: `Cannot bring the database "${name}" to the schema of this version`,
    hint: "Let the user of the URL own the database, or restore the backup from before the upgrade",
    exit: "failed",
    details: [{ message: reasonOf(cause) }],
    cause,
  });
}

export function databaseFull(cause: unknown): Problem {
  return new Problem({
    code: "storage_full",
    message: "Cannot save anything: the disk of the Postgres server is full",
    hint: "Make room on that disk, then send the request again",
    exit: "prerequisite",
    status: 507,
    retryable: true,
    cause,
  });
}

export function databaseBusy(cause: unknown): Problem {
  return new Problem({
    code: "storage_busy",
    message: "Cannot save anything: others hold what is to be changed in Postgres",
    hint: 'Send the request again; should it go on, look at "pg_stat_activity" and "pg_locks"',
    exit: "prerequisite",
    status: 503,
    retryable: true,
    cause,
  });
}

/** Not with its address: the callers need not know it, and the log has it. */
export function databaseUnusable(cause: unknown): Problem {
  return new Problem({
    code: "storage_unusable",
    message: "Cannot use the control plane's database: Postgres does not answer, or refuses",
    hint: "Read the control plane's log, bring Postgres back, and send it again",
    exit: "prerequisite",
    status: 503,
    retryable: true,
    cause,
  });
}
