/** The routes of hosts; fixed paths come before those with an id. */

import type { Page } from "../page.ts";
import { hostDetail } from "./detail.tsx";
import { hostList, newHost } from "./list.tsx";
import { askRemoveHost, removeHost } from "./remove.tsx";

export const HOST_PAGES: readonly Page[] = [
  hostList,
  newHost,
  hostDetail,
  askRemoveHost,
  removeHost,
];
