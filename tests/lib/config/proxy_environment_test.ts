/** Which forward proxy the usual variables name. */

import assert from "node:assert/strict";
import { proxyFromEnvironment } from "../../../lib/config/proxy_environment.ts";

const HTTPS_PROXY = "http://proxy.test:3128";

/** Address, NO_PROXY, proxy. */
const CASES: readonly (readonly [string, string, string | undefined])[] = [
  ["https://app.bigeye.com", "", HTTPS_PROXY],
  ["http://app.bigeye.com", "", undefined],
  ["https://app.bigeye.com", "*", undefined],
  ["https://app.bigeye.com", "localhost, .bigeye.com", undefined],
  ["https://app.bigeye.com", "bigeye.com:443", undefined],
  ["https://app.bigeye.com", "eye.com,com.bigeye", HTTPS_PROXY],
];

for (const [url, exceptions, proxy] of CASES) {
  Deno.test(`${url} with NO_PROXY "${exceptions}" goes ${proxy ? "through it" : "directly"}`, () => {
    const variables: Readonly<Record<string, string>> = { HTTPS_PROXY, NO_PROXY: exceptions };
    assert.equal(proxyFromEnvironment(url, (name) => variables[name] || undefined).value, proxy);
  });
}
