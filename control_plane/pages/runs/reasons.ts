/** Why a run did not succeed, and what the reader can do next. */

import type { RunReason } from "../../../lib/contract/run.ts";

export interface ReasonWords {
  readonly says: string;
  /** Instructions; backticks mark what to type. */
  readonly next: readonly string[];
}

const LOGS = "./bigeye-agent compose logs -s bigeye-agent-orchestrator";

/** The orchestrator pulls through the Engine API, which does not use the sign-in of the `docker` program. */
const PULL =
  "On the host, sign in to the registry and pull the image yourself: `docker login <registry>`, " +
  "then `docker pull <the image that the message names>`.";

export const REASONS: Readonly<Record<RunReason, ReasonWords>> = {
  exit_nonzero: {
    says: "The agent ended with an error",
    next: [
      "Read the message: it names what failed and the log file of each connection.",
      `For the full output, run \`${LOGS}\` on the host.`,
      "Fix the connection or its credentials in the host's `agents/` folder, then run the job again.",
    ],
  },
  oom_killed: {
    says: "The agent was killed because the host ran out of memory",
    next: [
      "Give the host more memory, or raise Docker's memory limit there.",
      "Or split the job into several, with fewer connector types or one connection each.",
    ],
  },
  image_missing: {
    says: "The agent's image does not exist in its registry",
    next: [
      "Check the image and its tag in `bigeye_agent.yml` on the host.",
      "Pull it by hand on the host: `docker pull <the image that the message names>`.",
    ],
  },
  image_auth: {
    says: "The registry denied access to the agent's image",
    next: [PULL, "Then run the job again: it uses the local image."],
  },
  rate_limited: {
    says: "The registry limits how often this host may pull",
    next: [
      `Wait a few hours. ${PULL}`,
      "`./bigeye-agent compose upgrade` pulls all images of the host with the same sign-in.",
    ],
  },
  disk_pressure: {
    says: "The host's disk is full",
    next: [
      "Find what uses the space: `df -h` and `docker system df` on the host.",
      "Remove old images: `docker image prune`. Then run the job again.",
    ],
  },
  daemon_unavailable: {
    says: "Docker on the host did not answer",
    next: [
      "Check Docker on the host: `docker info`.",
      "Check the orchestrator's stack: `./bigeye-agent compose status`.",
    ],
  },
  lost_container: {
    says: "The agent's container disappeared while it ran",
    next: [
      "Find out what removed it: run `docker events --since 24h` on the host, and check its clean-up jobs.",
      "Run the job again; the lost run may have done part of its work.",
    ],
  },
  host_unavailable: {
    says: "The host did not take the run in time",
    next: [
      "Check that the orchestrator is running: `./bigeye-agent compose status` on the host.",
      `Check in its log that it reaches Bigeye: \`${LOGS}\`.`,
      "Run the job again once the host is online.",
    ],
  },
  host_lost: {
    says: "The host stopped reporting while the run was on it",
    next: [
      "Bring the host back. It is unknown whether the agent kept running.",
      `Read the orchestrator's log on the host: \`${LOGS}\`.`,
    ],
  },
  policy_denied: {
    says: "The run was refused for security reasons",
    next: [
      "Read the message: it names the rule that refused the run.",
      "If a key in `agent_config/` was replaced or the compose file was edited, run `./bigeye-agent register` on the host to repair it.",
    ],
  },
  run_limit: {
    says: "The run exceeded the job's run limit",
    next: [
      "See in the timeline which step took long.",
      "Raise the job's run limit, or give it less to do.",
    ],
  },
  canceled_by_user: {
    says: "The run was canceled",
    next: ["Run the job again when you are ready."],
  },
  internal: {
    says: "Internal error in Bigeye's software",
    next: [
      `Search the orchestrator's log for the run's id: \`${LOGS}\` on the host.`,
      "Search the control plane's log too, and report what you find in both.",
    ],
  },
};
