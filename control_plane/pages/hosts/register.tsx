/** How a host comes into the list: the commands, ready to copy. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { Copyable } from "../frame/parts.tsx";

const CHECKS = "docker compose version\ndocker ps";

export function RegisterSteps({ isFirst }: { isFirst: boolean }): JSX.Element {
  return (
    <ol class="steps">
      <li>
        <p>
          On the host, check that Docker Compose V2 is there and works without <code>sudo</code>:
        </p>
        <Copyable text={CHECKS} />
      </li>
      {isFirst ? null : (
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
        <Copyable
          text={`./bigeye-agent register --host-id my-host-0${isFirst ? 1 : 2}`}
        />
      </li>
      <li>
        <p>Add the batch agents that jobs shall run there:</p>
        <Copyable text="./bigeye-agent install" />
      </li>
    </ol>
  );
}
