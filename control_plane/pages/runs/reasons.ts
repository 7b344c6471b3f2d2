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
      "Read the message: it names what failed, and where the log of each connection lies.",
      `For the whole output run \`${LOGS}\` on the host.`,
      "Mend the connection or its credentials in the host's `agents/` folder, then run the job again.",
    ],
  },
  oom_killed: {
    says: "The agent was killed because the host ran out of memory",
    next: [
      "Give the host, or Docker's memory limit there, more memory.",
      "Or split the job: fewer connector types, or one connection a job.",
    ],
  },
  image_missing: {
    says: "The agent's image does not exist in its registry",
    next: [
      "Check the image and its tag in `bigeye_agent.yml` on the host.",
      "Try it by hand: `docker pull <the image that the message names>`.",
    ],
  },
  image_auth: {
    says: "The registry refused to hand out the agent's image",
    next: [PULL, "Then run the job again: it takes the image that is there."],
  },
  rate_limited: {
    says: "The registry limits how often this host may pull",
    next: [
      `Wait for some hours. ${PULL}`,
      "`./bigeye-agent compose upgrade` pulls all images of the host with the same sign-in.",
    ],
  },
  disk_pressure: {
    says: "The host's disk is full",
    next: [
      "See what takes the room: `df -h` and `docker system df` on the host.",
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
      "Find out who removed it: `docker events --since 24h` on the host, or its clean-up jobs.",
      "Run the job again; the lost run may have done a part of its work.",
    ],
  },
  host_unavailable: {
    says: "The host did not take the run in time",
    next: [
      "Check on the host that the orchestrator is up: `./bigeye-agent compose status`.",
      "Look whether it reaches Bigeye: its logs say so.",
      "Run the job again once the host is online.",
    ],
  },
  host_lost: {
    says: "The host stopped reporting while the run was on it",
    next: [
      "Bring the host back. Whether the agent went on working is not known.",
      `Its orchestrator tells what it knows: \`${LOGS}\`.`,
    ],
  },
  policy_denied: {
    says: "The run was refused for safety",
    next: [
      "Read the message: it says which rule refused it, on the host or here.",
      "Was a key in `agent_config/` replaced, or the compose file edited? `./bigeye-agent register` puts both right.",
    ],
  },
  run_limit: {
    says: "It took longer than the job's run limit",
    next: [
      "Look at the timeline: where did the time go?",
      "Raise the run limit in the job, or give it less to do.",
    ],
  },
  canceled_by_user: {
    says: "Somebody canceled it",
    next: ["Run the job again whenever it suits."],
  },
  internal: {
    says: "Something in Bigeye's own programs went wrong",
    next: [
      `Look for the run's id in the host's log: \`${LOGS}\`.`,
      "Look for it in the control plane's log too, and report both.",
    ],
  },
};
