/** Problems of the Compose stack and its two services. */

import { Problem, type ProblemDetail } from "./problem.ts";

/** The message is documented. */
export function composeNotEnabled(): Problem {
  return new Problem({
    code: "compose_not_enabled",
    message: "Docker Compose mode is not enabled",
    hint: 'Run "bigeye-agent register" again: it sets docker_compose_enabled to true',
    exit: "prerequisite",
  });
}

export function composeFileMissing(path: string): Problem {
  return new Problem({
    code: "compose_file_missing",
    message: `Cannot find "${path}"`,
    hint: 'Run "bigeye-agent register" again: it writes the file again',
    exit: "prerequisite",
  });
}

/** `docker compose` failed; the details are the last lines of its output. */
export function composeFailed(doing: string, output: string): Problem {
  return new Problem({
    code: "compose_failed",
    message: `Cannot ${doing}: docker compose failed`,
    hint: 'Read what it says above, and look with "bigeye-agent compose status"',
    exit: "failed",
    details: lastLines(output),
  });
}

/** The stack was started and does not work. `missing` lists what is missing, `log` the services' last lines. */
export function stackUnhealthy(
  seconds: number,
  { missing, log }: { readonly missing: readonly string[]; readonly log: string },
): Problem {
  return new Problem({
    code: "stack_unhealthy",
    message: `Cannot bring up the stack: it does not work after ${seconds} s`,
    hint:
      'Read "bigeye-agent compose logs -s bigeye-agent-orchestrator", correct what it names, and run the same command again',
    exit: "failed",
    retryable: true,
    details: [...missing.map((message): ProblemDetail => ({ message })), ...lastLines(log)],
  });
}

export function serviceUnknown(
  name: string,
  { services, suggestion }: {
    readonly services: readonly string[];
    readonly suggestion: string | undefined;
  },
): Problem {
  return new Problem({
    code: "service_unknown",
    message: `Cannot find a service called "${name}"`,
    hint: `Use -s ${suggestion ?? services[0] ?? "bigeye-agent-orchestrator"}`,
    exit: "usage",
    details: services.map((message): ProblemDetail => ({ message })),
  });
}

export interface FailedPull {
  readonly image: string;
  /** The output of `docker pull` on stderr. */
  readonly output: string;
}

/** The old containers and their images were not changed. */
export function upgradeNotPulled(failed: readonly FailedPull[]): Problem {
  return new Problem({
    code: "upgrade_not_pulled",
    message: "Cannot pull the newest images; the running stack was not changed",
    hint:
      'Check the images in bigeye_agent.yml and that this host reaches their registry, and run "bigeye-agent compose upgrade" again',
    exit: "failed",
    retryable: true,
    details: failed.flatMap(({ image, output }) =>
      lastLines(output || "docker pull failed").map((line) => ({ ...line, path: image }))
    ),
  });
}

const SHOWN_LINES = 20;

function lastLines(output: string): ProblemDetail[] {
  return [...String(output).matchAll(/\S.*/g)].slice(-SHOWN_LINES).map(([message]) => ({
    message,
  }));
}

/** A health check failed; `reason` is a status or the text of a failed connection. */
export function unhealthy(service: string, reason: string): Problem {
  return new Problem({
    code: "unhealthy",
    message: `Cannot confirm that ${service} is healthy: ${reason}`,
    hint: `Read its log with "bigeye-agent compose logs -s ${service}"`,
    exit: "failed",
  });
}
