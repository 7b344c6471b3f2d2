/** How a host comes into the list: the commands, ready to copy. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { Copyable } from "../frame/parts.tsx";

const CHECKS = "docker compose version\ndocker ps";

export function RegisterSteps(
  { origin, taken }: {
    /** Where the reader sees this control plane; by itself `register` goes to Bigeye's own stack. */
    origin: string;
    /** The ids of the hosts that are registered already. */
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
        <p>Add the batch agents that jobs shall run there:</p>
        <Copyable text="./bigeye-agent install" />
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
