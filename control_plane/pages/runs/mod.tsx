/** The routes of runs. */

import type { Page } from "../page.ts";
import { askCancel, cancelRun } from "./cancel.tsx";
import { runDetail } from "./detail.tsx";
import { runList } from "./list.tsx";

export const RUN_PAGES: readonly Page[] = [runList, runDetail, askCancel, cancelRun];
