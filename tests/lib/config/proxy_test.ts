/** The forward proxy: its address from the environment, and how an address is parsed. */

import assert from "node:assert/strict";
import * as v from "valibot";
import { proxyFromEnvironment, ProxySchema } from "../../../lib/config/proxy.ts";

const HTTPS_PROXY = "http://proxy.test:3128";

/** The address, NO_PROXY, and the expected proxy. */
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

/** An address as users write it → the form that Deno needs; `undefined` if it is refused. */
const ADDRESSES: readonly (readonly [string, string | undefined])[] = [
  ["proxy.corp:3128", "http://proxy.corp:3128"],
  ["proxy.corp", "http://proxy.corp"],
  ["  http://proxy:3128/ \n", "http://proxy:3128"],
  ["HTTPS://Proxy:3128", "https://proxy:3128"],
  ["[fe80::1]:3128", "http://[fe80::1]:3128"],
  ["http://svc@proxy:3128", "http://svc:@proxy:3128"],
  ["svc:secret@proxy:3128", "http://svc:secret@proxy:3128"],
  ["http://user:p@ss@proxy:3128", "http://user:p%40ss@proxy:3128"],
  ["http://user:p%40ss@proxy:3128", "http://user:p%40ss@proxy:3128"],
  ["http://user:100%@proxy:3128", "http://user:100%25@proxy:3128"],
  ["http://corp\\user:p:w@proxy:3128", undefined],
  ["http://corp%5Cuser:p:w@proxy:3128", "http://corp%5Cuser:p%3Aw@proxy:3128"],
  ["http://user:p/ss@proxy:3128", undefined],
  ["http://user:p#ss@proxy:3128", undefined],
  ["http://user:12#ss@proxy:3128", undefined],
  ["http://proxy:3128/path", undefined],
  ["http://proxy:3128?x", undefined],
  ["http://pro\nxy:3128", undefined],
  ["http://proxy:31280000", undefined],
  ["socks5://proxy:1080", undefined],
  ["http://", undefined],
  ["", undefined],
];

for (const [text, address] of ADDRESSES) {
  Deno.test(`a proxy written ${JSON.stringify(text)} is ${address ?? "refused"}`, () => {
    const read = v.safeParse(ProxySchema, text);
    assert.equal(read.success ? read.output : undefined, address);
  });
}

Deno.test("Deno sends the user and the password of such an address as they were meant", async () => {
  const sent = Promise.withResolvers<string>();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    using connection = await listener.accept();
    const buffer = new Uint8Array(4_096);
    const length = await connection.read(buffer) ?? 0;
    sent.resolve(new TextDecoder().decode(buffer.subarray(0, length)));
  })();
  const { port } = listener.addr;
  const proxy = v.parse(ProxySchema, `us er:p@ss%@127.0.0.1:${port}`.replace(" ", "%20"));
  using client = Deno.createHttpClient({ proxy: { url: proxy } });
  await assert.rejects(fetch("https://bigeye.test/", { client }));
  const [, basic = ""] = /proxy-authorization: basic (\S+)/i.exec(await sent.promise) ?? [];
  assert.equal(atob(basic), "us er:p@ss%");
  await serving;
});
