/** Failures of the host's file system. */

import { Problem } from "./problem.ts";

export function pathUnwritable(path: string, cause: unknown): Problem {
  return new Problem({
    code: "path_unwritable",
    message: `Cannot write "${path}": this user may not`,
    hint: `Run "ls -ld '${path}'" and give the folder to this user, or run as its owner`,
    exit: "prerequisite",
    cause,
  });
}

export function pathUnreadable(path: string, cause: unknown): Problem {
  return new Problem({
    code: "path_unreadable",
    message: `Cannot read "${path}": this user may not`,
    hint: `Run "ls -ld '${path}'" and run the command as the owner`,
    exit: "prerequisite",
    cause,
  });
}

export function diskFull(path: string, cause: unknown): Problem {
  return new Problem({
    code: "disk_full",
    message: `Cannot write "${path}": there is no space left`,
    hint: `Make room on the disk that "df -h '${path}'" names, and run the same command again`,
    exit: "prerequisite",
    retryable: true,
    cause,
  });
}

export function diskReadOnly(path: string, cause: unknown): Problem {
  return new Problem({
    code: "disk_read_only",
    message: `Cannot write "${path}": its file system is mounted read-only`,
    hint: "Change to a folder on a disk that can be written, and run the command there",
    exit: "prerequisite",
    cause,
  });
}
