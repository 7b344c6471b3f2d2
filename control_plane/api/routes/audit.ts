/** The audit list: entries and export. */

import * as v from "valibot";
import { AUDIT_ACTIONS, AuditPageSchema } from "../../../lib/contract/audit.ts";
import { paginationInfo } from "../../../lib/contract/messages/pagination.ts";
import { API } from "../../../lib/contract/rest.ts";
import { reasonOf } from "../../../lib/problems/problem.ts";
import { auditExport, EXPORT_FORMATS, EXPORT_TYPES } from "../../http/audit_export.ts";
import { pageQuery, requestedPage } from "../../http/queries.ts";
import type { HttpNeeds } from "../../http/needs.ts";
import { type Route, route } from "../route.ts";

const AUDIT = `${API}/audit` as const;

const filters = {
  actor: v.optional(v.string()),
  action: v.optional(v.picklist(AUDIT_ACTIONS)),
  target: v.optional(v.string()),
} as const;

const listAudit = route({
  id: "listAudit",
  summary: "List audit entries, newest first",
  method: "GET",
  path: AUDIT,
  who: "admin",
  query: v.strictObject({
    ...filters,
    ...pageQuery,
  }),
  answers: { 200: AuditPageSchema },
  async answer({ needs, query }) {
    const { entries, next_cursor } = await needs.store.audit.list(requestedPage(query));
    return { status: 200, body: { entries, paginationInfo: paginationInfo(next_cursor) } };
  },
});

const exportAudit = route({
  id: "exportAudit",
  summary: "Export the audit list, newest first",
  method: "GET",
  path: `${AUDIT}/export`,
  who: "admin",
  query: v.strictObject({ ...filters, format: v.optional(v.picklist(EXPORT_FORMATS), "csv") }),
  answers: { 200: null },
  media: Object.values(EXPORT_TYPES),
  answer({ needs, query }) {
    const file = {
      type: EXPORT_TYPES[query.format],
      name: `bigeye-audit.${query.format}`,
      pieces: logged(auditExport(needs.store.audit, query), needs),
    };
    return { status: 200, file };
  },
});

export const AUDIT_ROUTES: readonly Route[] = [listAudit, exportAudit];

/** Once the status was sent, only a broken connection shows the failure to the caller; the reason is logged. */
async function* logged(pieces: AsyncIterable<string>, { log }: Pick<HttpNeeds, "log">) {
  try {
    yield* pieces;
  } catch (error) {
    log("error", "an export of the audit list broke off", { reason: reasonOf(error) });
    throw error;
  }
}
