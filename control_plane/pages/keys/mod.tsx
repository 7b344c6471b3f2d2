/** The routes of API keys. */

import type { Page } from "../page.ts";
import { askRevoke, makeKey, revokeKey } from "./change.tsx";
import { keyList } from "./list.tsx";

export const KEY_PAGES: readonly Page[] = [keyList, makeKey, askRevoke, revokeKey];
