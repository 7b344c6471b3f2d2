/** Everything that the control plane answers over HTTP: machines get the REST interface, people the pages. */

import { BlockList } from "node:net";
import type { HttpHandler } from "../lib/ports.ts";
import { API } from "../lib/contract/rest.ts";
import { createApi } from "./api/mod.ts";
import type { ApiNeeds } from "./api/route.ts";
import { createPages } from "./pages/mod.tsx";
import { callerAddress } from "./trusted_proxies.ts";

export function createHandler(needs: ApiNeeds, proxies = new BlockList()): HttpHandler {
  const [api, pages] = [createApi(needs), createPages(needs)];
  return async (request, peer) => {
    const { pathname } = new URL(request.url);
    const isForMachines = pathname.startsWith(`${API}/`) || pathname === "/healthz";
    const remoteAddress = callerAddress(request, { peer, proxies });
    return await (isForMachines ? api : pages).fetch(request, { remoteAddress });
  };
}
