/** The page with the commands that register a host, ready to copy. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { BATCH_AGENT_TYPES } from "../../../lib/contract/agent_types.ts";
import { Copyable } from "../frame/parts.tsx";

/** All agent types, as in `bigeye_agent.yml`: deleting a line is easier than knowing its name. */
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
          On the host, check that Docker Compose V2 is there and works without <code>sudo</code>:
        </p>
        <Copyable text={CHECKS} />
      </li>
      {taken.length === 0 ? null : (
        <li>
          <p>
            Copy the whole folder <code>agent_config/</code>{" "}
            from a host that is registered already: all hosts of the account share its keys.
          </p>
        </li>
      )}
      <li>
        <p>
          In the folder of{" "}
          <code>bigeye-agent</code>, register it under an id of letters, digits and hyphens. It asks
          for your Personal API Key and for an Agent API Key:
        </p>
        <Copyable text={command} />
        <p class="quiet">
          The address in it is the one at which you read this page: the host has to reach it.
        </p>
      </li>
      <li>
        <p>
          Name the batch agents of this host in <code>bigeye_agent.yml</code>, in place of the line
          {" "}
          <code>agents: []</code>. Leave out what no job shall run here:
        </p>
        <Copyable text={AGENTS} />
      </li>
      <li>
        <p>
          Tell Bigeye. Each agent gets a folder in{" "}
          <code>agents/</code>, where the files of its connections go:
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
