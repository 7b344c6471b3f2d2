/** The audit list page, with filters and export. */

import * as v from "valibot";
import type { JSX } from "hono/jsx/jsx-runtime";
import { AUDIT_ACTIONS, type AuditAction, type AuditEntry } from "../../../lib/contract/audit.ts";
import { checked } from "../../http/body.ts";
import { auditExport, EXPORT_FORMATS, EXPORT_TYPES } from "../../http/audit_export.ts";
import { Cell, LeadCell, Paging, Row, Table } from "../frame/table.tsx";
import { Empty, Live, PageHead } from "../frame/parts.tsx";
import { When } from "../frame/times.tsx";
import { page } from "../page.ts";
import { hostPath, jobPath, PATHS, runPath, withQuery } from "../paths.ts";
import { ACTION_WORDS, detailLines } from "./words.ts";

const A_PAGE = 50;
const filters = {
  actor: v.optional(v.string()),
  action: v.optional(v.picklist(AUDIT_ACTIONS)),
} as const;
const FilterSchema = v.strictObject({ ...filters, cursor: v.optional(v.string()) });
const ExportSchema = v.strictObject({ ...filters, format: v.picklist(EXPORT_FORMATS) });

/** A form submits an empty choice as an empty string. */
const given = (query: URLSearchParams, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, query.get(name) || undefined]));

export const auditList = page({
  method: "GET",
  path: PATHS.audit,
  who: "admin",
  action: "read the audit list",
  async answer({ needs: { store }, query }) {
    const { cursor, ...chosen } = checked(
      FilterSchema,
      given(query, ["actor", "action", "cursor"]),
    );
    const { entries, next_cursor } = await store.audit.list({ ...chosen, cursor, limit: A_PAGE });
    return {
      title: "Audit",
      section: "audit",
      content: (
        <>
          <PageHead title="Audit">
            {EXPORT_FORMATS.map((format) => (
              <a class="button" href={withQuery(`${PATHS.audit}/export`, { ...chosen, format })}>
                Export {format === "csv" ? "CSV" : "JSON Lines"}
              </a>
            ))}
          </PageHead>
          <Filters chosen={chosen} />
          <Live id="audit">
            {entries.length === 0
              ? (
                <Empty title="No entries match these filters">
                  <p>
                    <a href={PATHS.audit}>See all entries</a>
                  </p>
                </Empty>
              )
              : <Entries of={entries} />}
            <Paging
              path={PATHS.audit}
              query={chosen}
              cursor={cursor}
              next={next_cursor}
              words={{ first: "Newest entries", next: "Older entries" }}
            />
          </Live>
        </>
      ),
    };
  },
});

export const exportAudit = page({
  method: "GET",
  path: `${PATHS.audit}/export`,
  who: "admin",
  action: "export the audit list",
  answer({ needs: { store }, query }) {
    const { format, ...chosen } = checked(
      ExportSchema,
      given(query, ["actor", "action", "format"]),
    );
    const pieces = auditExport(store.audit, { ...chosen, format });
    const file = { type: EXPORT_TYPES[format], name: `bigeye-audit.${format}`, pieces };
    return Promise.resolve({ file });
  },
});

function Filters(
  { chosen }: {
    chosen: { readonly actor?: string | undefined; readonly action?: string | undefined };
  },
): JSX.Element {
  return (
    <form class="filters" method="get" action={PATHS.audit} data-filters>
      <div class="filter">
        <label for="filter-action">Action</label>
        <select id="filter-action" name="action">
          <option value="">All actions</option>
          {AUDIT_ACTIONS.map((action) => (
            <option value={action} {...(action === chosen.action ? { selected: true } : {})}>
              {ACTION_WORDS[action]}
            </option>
          ))}
        </select>
      </div>
      <div class="filter">
        <label for="filter-actor">User (exact name)</label>
        <input id="filter-actor" name="actor" value={chosen.actor ?? ""} placeholder="All users" />
      </div>
      <button type="submit" class="scriptless">Apply</button>
    </form>
  );
}

function Entries({ of }: { of: readonly AuditEntry[] }): JSX.Element {
  return (
    <Table caption="Changes, newest first" columns={["Action", "User", "Time", "From", "Details"]}>
      {of.map((entry) => (
        <Row>
          <LeadCell of="Action">
            {ACTION_WORDS[entry.action]} <Target of={entry} />
          </LeadCell>
          <Cell of="User">{entry.actor.name}</Cell>
          <Cell of="Time">
            <When at={entry.at} />
          </Cell>
          <Cell of="From">{entry.actor.from ?? <span class="quiet">control plane</span>}</Cell>
          <Cell of="Details">
            {detailLines(entry).map((line) => <p class="quiet">{line}</p>)}
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

const LINKS: Readonly<Partial<Record<AuditEntry["target"]["kind"], (id: string) => string>>> = {
  host: hostPath,
  job: jobPath,
  run: runPath,
};

/** Actions whose target no longer exists, so it has no link. */
const REMOVALS: ReadonlySet<AuditAction> = new Set<AuditAction>(["host.remove", "job.remove"]);

function Target(
  { of: { action, target: { kind, id, name } } }: { of: AuditEntry },
): JSX.Element | null {
  if (kind === "account") return null;
  const link = REMOVALS.has(action) ? undefined : LINKS[kind];
  return link ? <a href={link(id)}>{name}</a> : <strong>{name}</strong>;
}
