/** Everything that the control plane answers over HTTP: machines get the REST interface, people the pages. */

import type { HttpHandler } from "../lib/ports.ts";
import { API } from "../lib/contract/rest.ts";
import { createApi } from "./api/mod.ts";
import type { ApiNeeds } from "./api/route.ts";
import { createPages } from "./pages/mod.tsx";

export function createHandler(needs: ApiNeeds): HttpHandler {
  const [api, pages] = [createApi(needs), createPages(needs)];
  return async (request, remoteAddress) => {
    const { pathname } = new URL(request.url);
    const isForMachines = pathname.startsWith(`${API}/`) || pathname === "/healthz";
    return await (isForMachines ? api : pages).fetch(request, { remoteAddress });
  };
}
