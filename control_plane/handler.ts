/** Everything that the control plane answers over HTTP: machines get the REST interface, people the pages. */

import type { BlockList } from "node:net";
import { getPath } from "hono/utils/url";
import type { HttpHandler } from "../lib/ports.ts";
import { API } from "../lib/contract/rest.ts";
import { createApi } from "./api/mod.ts";
import type { ApiNeeds } from "./api/route.ts";
import { createPages } from "./pages/mod.tsx";
import { callerAddress } from "./trusted_proxies.ts";

export function createHandler(needs: ApiNeeds, proxies?: BlockList): HttpHandler {
  const [api, pages] = [createApi(needs), createPages(needs)];
  return async (request, peer) => {
    const path = getPath(request);
    const isForMachines = path.startsWith(`${API}/`) || path === "/healthz";
    const remoteAddress = proxies ? callerAddress(request, { peer, proxies }) : peer;
    return await (isForMachines ? api : pages).fetch(request, { remoteAddress });
  };
}
