/** Failures of a host's prerequisites and of bringing it under orchestration. */

import { Problem, type ProblemDetail } from "./problem.ts";

const COMPOSE_DOCS = "https://docs.docker.com/compose/install/";

export function hostIdInvalid(hostId: string): Problem {
  return new Problem({
    code: "host_id_invalid",
    message: `Cannot use host id "${
      hostId.slice(0, 80)
    }": it must be 1 to 256 letters, digits or hyphens`,
    hint: "Give another one, as in --host-id prod-agent-01",
    exit: "usage",
  });
}

/** `found` is what stood in its place, as in `docker-compose 1.29.2`. */
export function composeMissing(found: string): Problem {
  return new Problem({
    code: "compose_missing",
    message: `Cannot find Docker Compose V2: "docker compose version" says "${found}"`,
    hint: `Install the plugin as in ${COMPOSE_DOCS}, then check "docker compose version"`,
    exit: "prerequisite",
  });
}

export function dockerMissing(): Problem {
  return new Problem({
    code: "docker_missing",
    message: 'Cannot find the program "docker"',
    hint: `Install Docker Engine and Docker Compose V2 as in ${COMPOSE_DOCS}`,
    exit: "prerequisite",
  });
}

/** The engine is there, and this user may not use it; sudo is never used. */
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

/** Keys are shared by all hosts of an account: a second pair would cut the others off. */
export function keysOnOtherHosts(folder: string, hosts: readonly string[]): Problem {
  return new Problem({
    code: "keys_on_other_hosts",
    message: `Cannot make new keys: the account's hosts share one pair, and "${folder}" has none`,
    hint:
      `Copy the whole agent_config folder from one of these hosts to "${folder}" and run it again; ` +
      'where none of them has it any more, send "DELETE /api/v1/agent-orchestrator/hosts/<host id>" ' +
      "for each, and new keys are made",
    exit: "prerequisite",
    details: hosts.map((message): ProblemDetail => ({ message })),
  });
}

export function keysNotOfAccount(path: string): Problem {
  return new Problem({
    code: "keys_not_of_account",
    message: `Cannot use the key in "${path}": the account has another one`,
    hint:
      "Copy the whole agent_config folder from a registered host of this account, and run it again",
    exit: "conflict",
  });
}

/** Host files were made by another user than the one who registers. */
export function installationInvalid(path: string): Problem {
  return new Problem({
    code: "installation_invalid",
    message: `Cannot use "${path}": it does not hold an installation id`,
    hint: `Remove "${path}" and run "bigeye-agent register --replace"`,
    exit: "prerequisite",
  });
}

export function notRegistered(path: string): Problem {
  return new Problem({
    code: "host_not_registered",
    message: `Cannot find a registered host: "${path}" has no orchestrator.host_id`,
    hint: 'Run "bigeye-agent register --host-id <id>" first',
    exit: "prerequisite",
  });
}

/** Said by `serve` of the machine that lost the host: from here on it would take another one's runs. */
export function hostTakenOver(hostId: string): Problem {
  return new Problem({
    code: "host_taken_over",
    message: `Cannot serve host "${hostId}" any longer: another machine has taken it over`,
    hint:
      'Run "bigeye-agent compose down" here, or "bigeye-agent register --replace" to take it back',
    exit: "conflict",
  });
}

/** Both secrets cannot come from one standard input. */
export function inputTakenTwice(): Problem {
  return new Problem({
    code: "input_taken_twice",
    message: "Cannot read two keys from standard input",
    hint: "Give one of them with a file: --personal-key-file <path> or --agent-key-file <path>",
    exit: "usage",
  });
}
