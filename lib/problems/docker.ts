/** What can go wrong between us and the Docker Engine; `doing` is what was tried, as in `start container "x"`. */

import { Problem } from "./problem.ts";

/** Nothing answered, or something between us and the engine did in its place. */
export function engineUnavailable(doing: string, cause?: unknown): Problem {
  return new Problem({
    code: "docker_unavailable",
    message: `Cannot ${doing}: the Docker Engine does not answer`,
    hint: 'Start the engine and check it with "docker info"',
    exit: "prerequisite",
    status: 503,
    retryable: true,
    cause,
  });
}

/** The socket proxy refused: the request lies outside its allow set. */
export function engineDenied(doing: string): Problem {
  return new Problem({
    code: "docker_denied",
    message: `Cannot ${doing}: the Docker socket proxy does not allow it`,
    hint: 'Read its log with "bigeye-agent compose logs -s docker-socket-proxy"',
    exit: "boundary",
  });
}

/** The container, image or network is not there; `answer` is the engine's own text. */
export function engineNotFound(doing: string, answer: string): Problem {
  return new Problem({
    code: "docker_not_found",
    message: `Cannot ${doing}: ${answer}`,
    hint: 'Look at what is there with "docker ps -a" and "docker images"',
    exit: "failed",
    status: 404,
  });
}

/** The name is taken, or the container is not in a state for it. */
export function engineConflict(doing: string, answer: string): Problem {
  return new Problem({
    code: "docker_conflict",
    message: `Cannot ${doing}: ${answer}`,
    hint: 'Look at its state with "docker ps -a"',
    exit: "conflict",
  });
}

/** The engine understood and said no; trying the same again gives the same. */
export function engineRefused(doing: string, answer: string): Problem {
  return new Problem({
    code: "docker_refused",
    message: `Cannot ${doing}: ${answer}`,
    hint: 'Read the engine\'s log with "journalctl -u docker"',
    exit: "failed",
    status: 502,
  });
}

/** Every API version that we speak is older than the oldest that the engine takes. */
export function engineTooNew(oldest: string, ours: string): Problem {
  return new Problem({
    code: "docker_too_new",
    message: `Cannot talk to this Docker Engine: it wants API ${oldest} or newer, we speak ${ours}`,
    hint: 'Put a newer bigeye-agent in place of this one, then run "bigeye-agent compose upgrade"',
    exit: "prerequisite",
  });
}

/** An image could not be pulled; `answer` is what the engine or the registry said. */
export function pullFailed(
  image: string,
  { code, answer }: {
    readonly code: "image_auth" | "image_missing" | "rate_limited" | "disk_pressure";
    readonly answer: string;
  },
): Problem {
  return new Problem({
    code,
    message: `Cannot pull image "${image}": ${answer}`,
    hint: `Run "docker pull ${image}" on the host until it succeeds, then trigger the job again`,
    exit: "failed",
    status: 502,
    retryable: code === "rate_limited",
  });
}
