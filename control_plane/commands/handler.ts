/** The control plane's HTTP handler: REST for programs, pages for people. */

import type { BlockList } from "node:net";
import type { HttpHandler } from "../../lib/ports.ts";
import { addressTooLong, hostHeaderMalformed } from "../../lib/problems/rest.ts";
import { createApi } from "../api/mod.ts";
import { bareAnswer, isForPrograms } from "../http/answers.ts";
import type { HttpNeeds } from "../http/needs.ts";
import { createPages } from "../pages/mod.tsx";
import { callerAddress } from "../http/trusted_proxies.ts";

/** The server takes eight times as much, and a query of that size is as costly as a large form. */
const LONGEST_ADDRESS = 8_192;

export function createHandler(needs: HttpNeeds, proxies?: BlockList): HttpHandler {
  const [api, pages] = [createApi(needs), createPages(needs)];
  return async (request, peer) => {
    if (!hasAddress(request)) return bareAnswer(request, hostHeaderMalformed());
    if (request.url.length > LONGEST_ADDRESS) {
      return bareAnswer(request, addressTooLong(LONGEST_ADDRESS));
    }
    const remoteAddress = proxies ? callerAddress(request, { peer, proxies }) : peer;
    return await (isForPrograms(request) ? api : pages).fetch(request, { remoteAddress });
  };
}

/** Checks the Host header, from which the server builds the request's URL (RFC 9112, 3.2). */
function hasAddress({ headers, url }: Request): boolean {
  const host = headers.get("host");
  return (host === null || /^[^\s/\\?#@]+$/.test(host)) && URL.canParse(url);
}
