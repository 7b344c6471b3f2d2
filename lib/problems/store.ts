/** What can be wrong with the control plane's database: at its opening, or with one request. */

import { Problem, reasonOf } from "./problem.ts";

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
    message: `Cannot use the database "${path}": it is damaged, or no SQLite file`,
    hint: `Move "${path}" and the files that begin with its name away, and restore the last backup`,
    exit: "prerequisite",
    details: [{ message: finding }],
  });
}

/** `step` is the newest migration that the file has had and this version does not know. */
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
    code: "storage_full",
    message: "Cannot save anything: the disk of the control plane is full",
    hint: "Make room on the disk of its data folder, then send the request again",
    exit: "prerequisite",
    status: 507,
    retryable: true,
    cause,
  });
}

export function storageBusy(cause: unknown): Problem {
  return new Problem({
    code: "storage_busy",
    message: "Cannot save anything: another program holds the control plane's database",
    hint: "Send the request again; should it go on, end the program that has the database open",
    exit: "prerequisite",
    status: 503,
    retryable: true,
    cause,
  });
}

/** Not with its path: the callers need not know it, and the log has it. */
export function storageUnusable(cause: unknown): Problem {
  return new Problem({
    code: "storage_unusable",
    message: "Cannot use the control plane's database: its file cannot be read or written",
    hint: "Read the control plane's log, mend the disk of its data folder, and send it again",
    exit: "prerequisite",
    status: 503,
    retryable: true,
    cause,
  });
}
