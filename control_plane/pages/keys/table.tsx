/** The table of API keys: owner, creation, last use. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { KnownKey } from "../../store/mod.ts";
import { Cell, LeadCell, Row, Table } from "../frame/table.tsx";
import { Age, When } from "../frame/times.tsx";
import type { Viewer } from "../page.ts";
import { PATHS } from "../paths.ts";

const KIND_WORDS: Readonly<Record<KnownKey["kind"], string>> = {
  personal: "Personal",
  agent: "Agent",
  integration: "Integration",
};

export function KeyTable(
  { caption, keys, viewer, now }: {
    caption: string;
    keys: readonly KnownKey[];
    viewer: Viewer;
    now: Date;
  },
): JSX.Element {
  return (
    <Table caption={caption} columns={["Name", "Kind", "Created", "Last used", "From", ""]}>
      {keys.map((key) => (
        <Row>
          <LeadCell of="Name">
            <strong>{key.name}</strong>
            {key.id === viewer.keyId ? <p class="quiet">You are signed in with this key</p> : null}
            {key.description === "" ? null : <p class="quiet">{key.description}</p>}
          </LeadCell>
          <Cell of="Kind">{KIND_WORDS[key.kind]}</Cell>
          <Cell of="Created">
            <When at={key.created_at} />
          </Cell>
          <Cell of="Last used">
            {key.last_used_at === null
              ? <span class="quiet">Never</span>
              : <Age at={key.last_used_at} now={now} />}
          </Cell>
          <Cell of="From">{key.last_used_ip ?? ""}</Cell>
          <Cell of="" kind="act">
            <a class="button small" href={`${PATHS.keys}/${key.id}/revoke`}>
              Revoke<span class="aloud">{` ${key.name}`}</span>
            </a>
          </Cell>
        </Row>
      ))}
    </Table>
  );
}
