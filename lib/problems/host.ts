/** Problems of a host's files, its `bigeye_agent.yml`, and its registration. */

import { Problem, type ProblemDetail } from "./problem.ts";

/** The text is not YAML that this program accepts; the details name line and column, from 1. */
export function configNotYaml(path: string, faults: readonly ProblemDetail[]): Problem {
  return new Problem({
    code: "config_not_yaml",
    message: `Cannot read "${path}": it is not valid YAML`,
    hint: `Open "${path}" and correct the places that are named`,
    exit: "prerequisite",
    details: faults,
  });
}

/** The YAML is valid, and some of its settings are not. */
export function configInvalid(path: string, faults: readonly ProblemDetail[]): Problem {
  return new Problem({
    code: "config_invalid",
    message: `Cannot use "${path}": some of its settings are wrong`,
    hint: `Open "${path}" and correct the settings that are named`,
    exit: "prerequisite",
    details: faults,
  });
}

/** Neither Bigeye's answer nor the settings name Temporal, and its usual name cannot be made from the address. */
export function temporalUnknown(path: string, bigeyeUrl: string): Problem {
  return new Problem({
    code: "temporal_unknown",
    message: `Cannot tell where Temporal is: the answer of "${bigeyeUrl}" does not name it`,
    hint:
      `Set orchestrator.temporal.address and namespace in "${path}", and run the same command again`,
    exit: "prerequisite",
  });
}

export function configMissing(path: string): Problem {
  return new Problem({
    code: "config_missing",
    message: `Cannot find "${path}"`,
    hint: 'Change to the folder that contains it, or run "bigeye-agent register" to create it',
    exit: "prerequisite",
  });
}

/** The file was changed after it was read and before it was to be written. */
export function configChanged(path: string): Problem {
  return new Problem({
    code: "config_changed",
    message: `Cannot write "${path}": another program changed it a moment ago`,
    hint: "Run the same command again",
    exit: "conflict",
    retryable: true,
  });
}

/** The layout of the file does not allow to add our keys without changing the rest. */
export function configNotPatchable(path: string, lines: readonly string[]): Problem {
  return new Problem({
    code: "config_not_patchable",
    message: `Cannot write our settings into "${path}" without changing the rest of it`,
    hint: `Open "${path}", add the lines below, and run the same command again`,
    exit: "prerequisite",
    details: lines.map((message) => ({ message })),
  });
}

/** The container runs as another user, who may not read the file or folder. */
export function unreadableForStack(
  path: string,
  { uid, rights }: { readonly uid: number; readonly rights: string },
): Problem {
  return new Problem({
    code: "unreadable_for_stack",
    message: `Cannot let the orchestrator read "${path}": it runs as user ${uid}`,
    hint: `Run "chmod ${rights} '${path}'"`,
    exit: "prerequisite",
  });
}

export function kubernetesHost(path: string): Problem {
  return new Problem({
    code: "kubernetes_host",
    message: `Cannot register a Kubernetes host: "${path}" describes one`,
    hint: 'Run "bigeye-agent register" on a Docker host, in a separate folder',
    exit: "prerequisite",
  });
}

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

/** A file that people write has another encoding. Reading it anyway would lose what they wrote. */
export function fileNotUtf8(path: string, line: number): Problem {
  return new Problem({
    code: "file_not_utf8",
    message: `Cannot read "${path}": line ${line} is not UTF-8`,
    hint: `Open "${path}", save it as UTF-8, and run the same command again`,
    exit: "prerequisite",
  });
}

export function hostIdInvalid(hostId: string): Problem {
  return new Problem({
    code: "host_id_invalid",
    message: `Cannot use host id "${
      hostId.slice(0, 80)
    }": it must be 1 to 256 letters, digits or hyphens`,
    hint: "Choose another one, as in --host-id prod-agent-01",
    exit: "usage",
  });
}

/** The file that holds the installation id holds something else. */
export function installationInvalid(path: string): Problem {
  return new Problem({
    code: "installation_invalid",
    message: `Cannot use "${path}": it does not hold an installation id`,
    hint: `Remove "${path}" and run "bigeye-agent register --replace"`,
    exit: "prerequisite",
  });
}

/** `register` did not run or did not complete: the file is missing or empty, or has no such `setting`. */
export function notRegistered(path: string, setting?: string): Problem {
  const missing = setting === undefined ? "is missing or empty" : `has no ${setting}`;
  return new Problem({
    code: "host_not_registered",
    message: `Cannot find a registered host in this folder: "${path}" ${missing}`,
    hint: 'Run "bigeye-agent register" here, which adds it',
    exit: "prerequisite",
  });
}

/** `serve` reports this on the machine that lost the host, because it would take the new owner's runs. */
export function hostFolderInUse(folder: string): Problem {
  return new Problem({
    code: "host_folder_in_use",
    message: `Cannot start a second orchestrator on "${folder}": another one uses it`,
    hint: 'Stop that one first, as with "bigeye-agent compose down"',
    exit: "conflict",
  });
}

export function hostTakenOver(hostId: string): Problem {
  return new Problem({
    code: "host_taken_over",
    message: `Cannot serve host "${hostId}" any longer: another machine has taken it over`,
    hint:
      'Run "bigeye-agent compose down" here, or "bigeye-agent register --replace" to take it back',
    exit: "conflict",
  });
}
