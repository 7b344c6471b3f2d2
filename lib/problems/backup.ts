/** What can keep the control plane from being backed up. */

import { Problem, reasonOf } from "./problem.ts";

/** `file` is the SQLite database that the data folder would have. */
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
    message: `Cannot write the backup to "${path}": there is something of that name`,
    hint: "Name a folder that is not there yet with --to",
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
