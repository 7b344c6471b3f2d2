/** Failures of `bigeye_agent.yml` and of the settings that are resolved from it. */

import { Problem, type ProblemDetail } from "./problem.ts";

/** The text is not YAML that this program accepts; `place` is "line:column", from 1. */
export function configNotYaml(path: string, faults: readonly ProblemDetail[]): Problem {
  return new Problem({
    code: "config_not_yaml",
    message: `Cannot read "${path}": it is not valid YAML`,
    hint: `Open "${path}" and correct the place that is named`,
    exit: "prerequisite",
    details: faults,
  });
}

/** The YAML is fine, what it says is not. */
export function configInvalid(path: string, faults: readonly ProblemDetail[]): Problem {
  return new Problem({
    code: "config_invalid",
    message: `Cannot use "${path}": some of its settings are wrong`,
    hint: `Open "${path}" and correct the settings that are named`,
    exit: "prerequisite",
    details: faults,
  });
}

export function configMissing(path: string): Problem {
  return new Problem({
    code: "config_missing",
    message: `Cannot find "${path}"`,
    hint: 'Change to the folder that holds it, or run "bigeye-agent register" to make one',
    exit: "prerequisite",
  });
}

/** Somebody wrote to the file between our reading and our writing. */
export function configChanged(path: string): Problem {
  return new Problem({
    code: "config_changed",
    message: `Cannot write "${path}": it was changed by somebody else a moment ago`,
    hint: "Run the same command again",
    exit: "conflict",
    retryable: true,
  });
}

/** The file is written in a way that our keys cannot be put into without touching the rest. */
export function configNotPatchable(path: string, lines: readonly string[]): Problem {
  return new Problem({
    code: "config_not_patchable",
    message: `Cannot write our settings into "${path}" without changing the rest of it`,
    hint: `Open "${path}", add the lines below, and run the same command again`,
    exit: "prerequisite",
    details: lines.map((message) => ({ message })),
  });
}

/** The container runs as another user, who has no right to read the file or folder. */
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

/** A value that a flag, a variable or the file holds does not have the right form. */
export function settingInvalid(
  name: string,
  { source, fault }: { source: string; fault: string },
): Problem {
  return new Problem({
    code: "setting_invalid",
    message: `Cannot use the ${name} from ${source}: it ${fault}`,
    hint: `Correct ${source} and run the same command again`,
    exit: "usage",
  });
}

export function kubernetesHost(path: string): Problem {
  return new Problem({
    code: "kubernetes_host",
    message: `Cannot register a Kubernetes host: "${path}" describes one`,
    hint: 'Run "bigeye-agent register" on a Docker host, in a folder of its own',
    exit: "prerequisite",
  });
}
