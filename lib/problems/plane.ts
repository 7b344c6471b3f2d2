/** What can keep the control plane from starting. */

import { Problem } from "./problem.ts";

export function dataFolderOpen(path: string, mode: number): Problem {
  return new Problem({
    code: "data_folder_open",
    message: `Cannot keep keys in "${path}": its mode ${mode.toString(8)} lets other users in`,
    hint: `Name a folder of its own with --data, or run "chmod 700 ${path}" if it is one`,
    exit: "prerequisite",
  });
}

export function dataFolderInUse(path: string): Problem {
  return new Problem({
    code: "data_folder_in_use",
    message: `Cannot start a second control plane on "${path}": one is at work there`,
    hint: "Stop that one first, or name another folder with --data",
    exit: "conflict",
  });
}

export function dataFolderUnnamed(): Problem {
  return new Problem({
    code: "data_folder_unnamed",
    message: "Cannot tell where to keep the account's data",
    hint: "Name a folder with --data DIR, or set BIGEYE_PLANE_DATA",
    exit: "usage",
  });
}

/** Making a new pair instead would shut out every registered host. */
export function accountKeyMissing(path: string): Problem {
  return new Problem({
    code: "account_key_missing",
    message:
      `Cannot find the account's private key "${path}", though the database knows the account`,
    hint: `Restore "${path}" from the backup that the database came from`,
    exit: "prerequisite",
  });
}

/** Two planes with two keys on one database would refuse each other's runs. */
export function accountKeyForeign(path: string): Problem {
  return new Problem({
    code: "account_key_foreign",
    message: `Cannot use the account's private key "${path}": the database is another account's`,
    hint: `Copy "${path}" from the data folder of a control plane that works on this database`,
    exit: "conflict",
  });
}

export function addressUnusable(address: string, cause: unknown): Problem {
  return new Problem({
    code: "address_unusable",
    message: `Cannot listen on "${address}"`,
    hint: "Stop what listens there, or name another HOST:PORT with --listen",
    exit: "prerequisite",
    cause,
  });
}

export function planeStopping(): Problem {
  return new Problem({
    code: "stopping",
    message: "Cannot take requests: the control plane is stopping",
    hint: "Send it again in some seconds",
    exit: "failed",
    status: 503,
    retryable: true,
  });
}

export function planeUnwell(url: string, reason: string): Problem {
  return new Problem({
    code: "plane_unwell",
    message: `Cannot vouch for the control plane at ${url}: ${reason}`,
    hint: 'Read its log, which is on stderr of "bigeye-control-plane serve"',
    exit: "failed",
  });
}
