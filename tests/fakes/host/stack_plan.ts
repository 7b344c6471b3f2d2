/** The plan of a host's stack as `register` makes it. */

import { PROXY_FLAGS } from "../../../boundary/policy.ts";
import type { StackPlan } from "../../../templates/compose.ts";

export const STACK_PLAN: StackPlan = {
  project: "bigeye-agent",
  image: "bigeyedata/bigeye-agent:0.1.0",
  hostFolder: "/srv/bigeye",
  uid: 1000,
  gid: 1001,
  socketGid: 998,
  proxyFlags: PROXY_FLAGS,
  restart: "unless-stopped",
};
