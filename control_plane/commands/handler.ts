/** The control plane's HTTP handler: REST for programs, pages for people. */

import type { BlockList } from "node:net";
import type { HttpHandler } from "../../lib/ports.ts";
import { hostHeaderMalformed } from "../../lib/problems/rest.ts";
import { createApi } from "../api/mod.ts";
import { isForPrograms, problemAnswer } from "../http/answers.ts";
import type { ApiNeeds } from "../api/route.ts";
import { createPages } from "../pages/mod.tsx";
import { callerAddress } from "../http/trusted_proxies.ts";

export function createHandler(needs: ApiNeeds, proxies?: BlockList): HttpHandler {
  const [api, pages] = [createApi(needs), createPages(needs)];
  return async (request, peer) => {
    if (!hasAddress(request)) return problemAnswer(hostHeaderMalformed());
    const remoteAddress = proxies ? callerAddress(request, { peer, proxies }) : peer;
    return await (isForPrograms(request) ? api : pages).fetch(request, { remoteAddress });
  };
}

/** Checks the Host header, from which the server builds the request's URL (RFC 9112, 3.2). */
function hasAddress({ headers, url }: Request): boolean {
  const host = headers.get("host");
  return (host === null || /^[^\s/\\?#@]+$/.test(host)) && URL.canParse(url);
}
