/** Problems of Docker on the host: its programs, its socket, and calls of the Engine API. */

import { Problem } from "./problem.ts";

const COMPOSE_DOCS = "https://docs.docker.com/compose/install/";

export function dockerMissing(): Problem {
  return new Problem({
    code: "docker_missing",
    message: 'Cannot find the program "docker"',
    hint: `Install Docker Engine and Docker Compose V2 as in ${COMPOSE_DOCS}`,
    exit: "prerequisite",
  });
}

/** `found` is the output of `docker compose version`, as in `docker-compose 1.29.2`. */
export function composeMissing(found: string): Problem {
  return new Problem({
    code: "compose_missing",
    message: `Cannot find Docker Compose V2: "docker compose version" says "${found}"`,
    hint: `Install the plugin as in ${COMPOSE_DOCS}, then check "docker compose version"`,
    exit: "prerequisite",
  });
}

/** The engine runs, and this user may not use it. Our commands never use sudo. */
export function dockerNeedsRights(answer: string): Problem {
  return new Problem({
    code: "docker_permission",
    message: "Cannot use Docker without sudo: this user may not open its socket",
    hint: 'Run "sudo usermod -aG docker $USER", then "newgrp docker", then check "docker ps"',
    exit: "prerequisite",
    details: [{ message: answer }],
  });
}

export function dockerDown(answer: string): Problem {
  return new Problem({
    code: "docker_down",
    message: "Cannot talk to the Docker Engine: it does not answer",
    hint: 'Start it with "sudo systemctl start docker", then check "docker info"',
    exit: "prerequisite",
    retryable: true,
    details: [{ message: answer }],
  });
}

export function socketMissing(path: string): Problem {
  return new Problem({
    code: "docker_socket_missing",
    message: `Cannot find the Docker socket at its default path "${path}"`,
    hint: `Make the engine listen there, or link it with "sudo ln -s <the socket> ${path}"`,
    exit: "prerequisite",
  });
}

/** The engine did not answer, or a program between it and us answered. `doing` is as in `start container "x"`. */
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

/** The socket proxy refused the request, because it is not in the allow set. */
export function engineDenied(doing: string): Problem {
  return new Problem({
    code: "docker_denied",
    message: `Cannot ${doing}: the Docker socket proxy does not allow it`,
    hint: 'Read its log with "bigeye-agent compose logs -s docker-socket-proxy"',
    exit: "boundary",
  });
}

/** The container, image or network does not exist; `answer` is the engine's own text. */
export function engineNotFound(doing: string, answer: string): Problem {
  return new Problem({
    code: "docker_not_found",
    message: `Cannot ${doing}: ${answer}`,
    hint: 'List what exists with "docker ps -a" and "docker images"',
    exit: "failed",
    status: 404,
  });
}

/** The name is taken, or the state of the container does not allow the request. */
export function engineConflict(doing: string, answer: string): Problem {
  return new Problem({
    code: "docker_conflict",
    message: `Cannot ${doing}: ${answer}`,
    hint: 'Look at its state with "docker ps -a"',
    exit: "conflict",
  });
}

/** The engine refused the request; repeating it gives the same answer. */
export function engineRefused(doing: string, answer: string): Problem {
  return new Problem({
    code: "docker_refused",
    message: `Cannot ${doing}: ${answer}`,
    hint: 'Read the engine\'s log with "journalctl -u docker"',
    exit: "failed",
    status: 502,
  });
}

/** The engine supports none of the API versions that we speak. */
export function engineTooNew(oldest: string, ours: string): Problem {
  return new Problem({
    code: "docker_too_new",
    message:
      `Cannot talk to this Docker Engine: it requires API ${oldest} or newer, and this program speaks ${ours}`,
    hint: 'Install a newer bigeye-agent, then run "bigeye-agent compose upgrade"',
    exit: "prerequisite",
  });
}

/** A pull failed; `answer` is the text of the engine or the registry. */
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
