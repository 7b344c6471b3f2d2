/** The pages of the audit list. */

import type { Page } from "../page.ts";
import { auditList, exportAudit } from "./list.tsx";

export const AUDIT_PAGES: readonly Page[] = [auditList, exportAudit];
