/** The address of a caller: the connection's, or the one that a trusted reverse proxy names. */

import assert from "node:assert/strict";
import { createHandler } from "../../../control_plane/commands/handler.ts";
import { trustedProxies } from "../../../control_plane/http/trusted_proxies.ts";
import { testPlane } from "../../fakes/control_plane/plane.ts";

const CLIENT = "198.51.100.9";
const PROXY = "10.0.0.3";

/** Creates a key over this connection. Returns the address in its audit entry. */
async function seenFrom(peer: string, forwardedFor: string | undefined, proxies: string) {
  await using plane = await testPlane();
  const handler = createHandler({
    store: plane.store,
    clock: plane.clock,
    log: () => {},
    dispatch: { wake: () => {} },
    account: { publicPem: "" },
    temporal: { address: "temporal.test:7233", namespace: "default" },
    hostCredentials: () => Promise.resolve({}),
  }, trustedProxies({ value: proxies, source: "--trusted-proxy" }));
  const request = new Request("http://plane.test/api/v1/agent-api-keys", {
    method: "POST",
    headers: {
      authorization: `apikey ${plane.keys.admin}`,
      "content-type": "application/json",
      ...(forwardedFor === undefined ? {} : { "x-forwarded-for": forwardedFor }),
    },
    body: JSON.stringify({ name: "hosts" }),
  });
  plane.clock.advance(1_000);
  assert.equal((await handler(request, peer)).status, 200);
  const { entries } = await plane.store.audit.list({ limit: 1 });
  return entries[0]?.actor.from;
}

Deno.test("behind a trusted proxy the caller's address is the one that the proxy names", async () => {
  assert.deepEqual([
    await seenFrom(PROXY, CLIENT, PROXY),
    await seenFrom(`::ffff:${PROXY}`, CLIENT, PROXY),
    await seenFrom(PROXY, `${CLIENT}, 172.16.5.6`, `${PROXY}, 172.16.0.0/12`),
    await seenFrom("2001:db8::1", "2001:db8:9::9", "2001:db8::/64"),
    await seenFrom(PROXY, undefined, PROXY),
    await seenFrom(PROXY, "unknown", PROXY),
  ], [CLIENT, CLIENT, CLIENT, "2001:db8:9::9", PROXY, PROXY]);
});

// Attacker: sends X-Forwarded-For, to hide in the audit log and to use the rate limits of others.
Deno.test("X-Forwarded-For from the caller is ignored, also behind a trusted proxy", async () => {
  assert.deepEqual([
    await seenFrom(CLIENT, "192.0.2.1", ""),
    await seenFrom(CLIENT, "192.0.2.1", PROXY),
    await seenFrom(PROXY, `192.0.2.1, ${CLIENT}`, PROXY),
  ], [CLIENT, CLIENT, CLIENT]);
});

Deno.test("a port in X-Forwarded-For is accepted, and a text that is not an address is ignored", async () => {
  const texts = [
    "198.51.100.9:4711",
    "[2001:db8::9]:4711",
    "[2001:db8::9]",
    "198.51.100.9:",
    "9",
    "",
  ];
  const found = [];
  for (const text of texts) found.push(await seenFrom(PROXY, `192.0.2.1, ${text}`, PROXY));
  assert.deepEqual(found, [CLIENT, "2001:db8::9", "2001:db8::9", PROXY, PROXY, PROXY]);
});

Deno.test("a chain of proxies is followed as far as they are trusted", async () => {
  const chain = `192.0.2.1, ${CLIENT}, 10.0.0.2, 10.0.0.1`;
  assert.deepEqual([
    await seenFrom(PROXY, chain, "10.0.0.0/30"),
    await seenFrom(PROXY, chain, "10.0.0.2/31"),
    await seenFrom(PROXY, chain, "10.0.0.3"),
    await seenFrom("10.0.0.4", chain, "10.0.0.0/30"),
    await seenFrom(PROXY, chain, "0.0.0.0/0"),
    await seenFrom(PROXY, `${CLIENT}, what, 10.0.0.2`, "10.0.0.0/30"),
  ], [CLIENT, "10.0.0.1", "10.0.0.1", "10.0.0.4", "192.0.2.1", "10.0.0.2"]);
  assert.deepEqual([
    await seenFrom("2001:db8:7fff:ffff::1", CLIENT, "2001:db8::/33"),
    await seenFrom("2001:db8:8000::1", CLIENT, "2001:db8::/33"),
    await seenFrom("2001:DB8::1", CLIENT, "2001:db8:0:0::1"),
    await seenFrom("2001:db8::2", CLIENT, "2001:db8::1"),
  ], [CLIENT, "2001:db8:8000::1", CLIENT, "2001:db8::2"]);
});

Deno.test("a trusted proxy that is not an IP address or network is refused", () => {
  for (const value of ["proxy.internal", "10.0.0.0/33", "10.0.0.3:80", "10.0.0.3,,"]) {
    assert.throws(() => trustedProxies({ value, source: "--trusted-proxy" }), {
      code: "setting_invalid",
    });
  }
});
