/** Problems of the control plane's database, SQLite or Postgres, and of its backup. */

import { Problem, reasonOf } from "./problem.ts";

/** Failures of a request. SQLite and Postgres share code and status, so that callers need not know which is in use. */
const failing = { exit: "prerequisite", retryable: true } as const;
const FULL = { ...failing, code: "storage_full", status: 507 } as const;
const BUSY = { ...failing, code: "storage_busy", status: 503 } as const;
const UNUSABLE = { ...failing, code: "storage_unusable", status: 503 } as const;

export function storeUnopened(path: string, cause: unknown): Problem {
  return new Problem({
    code: "store_unopened",
    message: `Cannot open the database "${path}"`,
    hint: `Run "ls -l ${path}" and "df -h ${path}": this user must own the file, and have room`,
    exit: "prerequisite",
    details: [{ message: reasonOf(cause) }],
    cause,
  });
}

export function storeDamaged(path: string, finding: string): Problem {
  return new Problem({
    code: "store_damaged",
    message: `Cannot use the database "${path}": it is damaged, or not an SQLite file`,
    hint:
      `Move "${path}" and the files whose names begin with it to another folder, and restore the last backup`,
    exit: "prerequisite",
    details: [{ message: finding }],
  });
}

/** `step` is the newest migration of the file; this version does not know it. */
export function storeNewer(path: string, step: string): Problem {
  return new Problem({
    code: "store_newer",
    message: `Cannot use the database "${path}": a newer version has changed it ("${step}")`,
    hint: "Run that version or a later one, or restore the backup from before the upgrade",
    exit: "prerequisite",
  });
}

export function storeNotMigrated(path: string, cause: unknown): Problem {
  return new Problem({
    code: "store_not_migrated",
    message: `Cannot bring the database "${path}" to the schema of this version`,
    hint: "Restore the last backup of the data folder, or run the version that wrote it",
    exit: "failed",
    cause,
  });
}

export function storageFull(cause: unknown): Problem {
  return new Problem({
    ...FULL,
    message: "Cannot save anything: the disk of the control plane is full",
    hint: "Make room on the disk of its data folder, then send the request again",
    cause,
  });
}

export function storageBusy(cause: unknown): Problem {
  return new Problem({
    ...BUSY,
    message: "Cannot save anything: another program holds the control plane's database",
    hint: "Send the request again; if it fails again, end the program that has the database open",
    cause,
  });
}

/** The path is only in the log: REST callers need not know it. */
export function storageUnusable(cause: unknown): Problem {
  return new Problem({
    ...UNUSABLE,
    message: "Cannot use the control plane's database: its file cannot be read or written",
    hint:
      "Read the control plane's log, repair the disk of its data folder, and send the request again",
    cause,
  });
}

/** The message does not quote the URL, which may hold a password. */
export function databaseUrlInvalid(): Problem {
  return new Problem({
    code: "database_url_invalid",
    message: "Cannot read the database URL",
    hint:
      "Write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters percent-encoded",
    exit: "usage",
  });
}

/** `name` is the URL without its password. */
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

/** `name` has no password in it. */
export function databasePooled(name: string): Problem {
  return new Problem({
    code: "database_pooled",
    message: `Cannot use the database "${name}": a connection that listens (LISTEN) does not get ` +
      "what another one announces (NOTIFY)",
    hint: "Name the Postgres server itself in the URL, or set pool_mode = session for this " +
      "database where PgBouncer is in between",
    exit: "prerequisite",
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
    ...FULL,
    message: "Cannot save anything: the disk of the Postgres server is full",
    hint: "Make room on that disk, then send the request again",
    cause,
  });
}

export function databaseBusy(cause: unknown): Problem {
  return new Problem({
    ...BUSY,
    message: "Cannot save anything: the rows are locked by another transaction",
    hint: 'Send the request again; if it fails again, look at "pg_stat_activity" and "pg_locks"',
    cause,
  });
}

/** The address is only in the log: REST callers need not know it. */
export function databaseUnusable(cause: unknown): Problem {
  return new Problem({
    ...UNUSABLE,
    message:
      "Cannot use the control plane's database: Postgres does not answer, or it refuses the request",
    hint: "Read the control plane's log, start Postgres, and send the request again",
    cause,
  });
}

/** `file` is the path of the missing SQLite database. */
export function backupWithoutFile(file: string): Problem {
  return new Problem({
    code: "backup_without_file",
    message: `Cannot back up "${file}": the control plane keeps no data there`,
    hint:
      "Name the data folder of a control plane on SQLite with --data; for one on Postgres run " +
      "pg_dump, and copy the *.pem files of its data folder",
    exit: "prerequisite",
  });
}

export function backupTaken(path: string): Problem {
  return new Problem({
    code: "backup_taken",
    message: `Cannot write the backup to "${path}": the path exists`,
    hint: "Name a folder that does not exist yet with --to",
    exit: "conflict",
  });
}

export function backupNotCopied(path: string, cause: unknown): Problem {
  return new Problem({
    code: "backup_not_copied",
    message: `Cannot copy the database "${path}"`,
    hint: `Run "ls -l ${path}" and "df -h": this user must own the file, and the backup needs room`,
    exit: "failed",
    details: [{ message: reasonOf(cause) }],
    cause,
  });
}
