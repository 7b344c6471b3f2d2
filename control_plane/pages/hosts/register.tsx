/** The page with the commands that register a host, ready to copy. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { BATCH_AGENT_TYPES } from "../../../lib/contract/agent_types.ts";
import { Copyable } from "../frame/parts.tsx";
import { PATHS } from "../paths.ts";

/** All agent types, as in `bigeye_agent.yml`, because deleting a line is easier than knowing a name. */
const AGENTS = ["agents:", ...BATCH_AGENT_TYPES.map((type) => `  - type: ${type}`)].join("\n");
const CHECKS = "docker compose version\ndocker ps";

export function RegisterSteps(
  { origin, taken }: {
    /** The URL at which the reader sees this control plane; `register` defaults to Bigeye's own. */
    origin: string;
    /** The ids of registered hosts. */
    taken: readonly string[];
  },
): JSX.Element {
  const command = `./bigeye-agent register --bigeye-url ${origin} --host-id ${freeId(taken)}`;
  return (
    <ol class="steps">
      <li>
        <p>
          On the host, check that Docker Compose V2 is installed and that Docker works without{" "}
          <code>sudo</code>:
        </p>
        <Copyable text={CHECKS} />
      </li>
      {taken.length === 0 ? null : (
        <li>
          <p>
            Copy the whole folder <code>agent_config/</code>{" "}
            from a host that is already registered, because all hosts of the account share its keys.
          </p>
        </li>
      )}
      <li>
        <p>
          In the folder of{" "}
          <code>bigeye-agent</code>, register the host. Its id consists of letters, digits and
          hyphens. The command asks for your Personal API Key and for an Agent API Key, which you
          create under <a href={PATHS.keys}>API keys</a>:
        </p>
        <Copyable text={command} />
        <p class="quiet">
          The URL is the address of this page. The host must be able to reach it.
        </p>
      </li>
      <li>
        <p>
          In <code>bigeye_agent.yml</code>, replace the line <code>agents: []</code>{" "}
          with the agents that this host should run:
        </p>
        <Copyable text={AGENTS} />
      </li>
      <li>
        <p>
          Report the agents to Bigeye. This also creates a folder for each agent in{" "}
          <code>agents/</code>, for the files of its connections:
        </p>
        <Copyable text="./bigeye-agent sync" />
      </li>
    </ol>
  );
}

function freeId(taken: readonly string[]): string {
  for (let n = 1;; n++) {
    const id = `my-host-${String(n).padStart(2, "0")}`;
    if (!taken.includes(id)) return id;
  }
}
