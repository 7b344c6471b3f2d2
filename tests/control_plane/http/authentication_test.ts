/** Rate limits of keys, and of networks that send wrong keys. */

import assert from "node:assert/strict";
import { admission, hashOfKey } from "../../../control_plane/http/authentication.ts";
import type { KeyOwner } from "../../../control_plane/store/mod.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { manualClock } from "../../fakes/system/clock.ts";
import { API, ORCHESTRATOR, testPlane } from "../../fakes/control_plane/plane.ts";

const HOSTS = `${ORCHESTRATOR}/hosts`;

/** A database whose lookup of one key waits until the promise resolves. */
interface Slowness {
  readonly slowFor: string;
  readonly until: { readonly promise: Promise<void> };
}

/** An admission with two valid keys, "person" and "agent", which counts the lookups in the store. */
function gate(slowness?: Slowness) {
  const clock = manualClock();
  const revoked = new Set<string>();
  const user = { id: "u", name: "Ada", role: "admin" } as const;
  const owners = new Map<string, KeyOwner>([
    [hashOfKey("person"), { kind: "personal", keyId: "k-1", user }],
    [hashOfKey("agent"), { kind: "agent", keyId: "k-2", name: "hosts" }],
  ]);
  const slow = hashOfKey(slowness?.slowFor ?? "");
  let [lookups, atOnce, mostAtOnce] = [0, 0, 0];
  const admit = admission({
    async useKey(hash) {
      lookups++;
      mostAtOnce = Math.max(mostAtOnce, ++atOnce);
      if (hash === slow) await slowness?.until.promise;
      atOnce--;
      return revoked.has(hash) ? undefined : owners.get(hash);
    },
  }, clock);

  async function attempt(key: string, from = "192.0.2.1") {
    const sent: Record<string, string> = {};
    try {
      const owner = await admit({ authorization: `apikey ${key}`, from, sent });
      return { code: "admitted", kind: owner.kind, sent };
    } catch (error) {
      assert.ok(error instanceof Problem);
      return { code: error.code, status: error.status, hint: error.hint, sent };
    }
  }

  async function codes(count: number, key: string, from?: string) {
    const found: Record<string, number> = {};
    for (let number = 0; number < count; number++) {
      const { code } = await attempt(key, from);
      found[code] = (found[code] ?? 0) + 1;
    }
    return found;
  }

  return {
    clock,
    attempt,
    codes,
    lookups: () => lookups,
    mostAtOnce: () => mostAtOnce,
    revoke: (key: string) => void revoked.add(hashOfKey(key)),
  };
}

Deno.test("a key may send 2,000 requests at once, then 100 per second", async () => {
  const { clock, attempt, codes, lookups } = gate();
  assert.deepEqual(await codes(2_000, "person"), { admitted: 2_000 });
  const refused = await attempt("person");
  assert.deepEqual([refused.code, refused.status, refused.sent], [
    "rate_limited",
    429,
    {
      "ratelimit": '"key";r=0;t=20',
      "ratelimit-policy": '"key";q=2000;w=20',
      "retry-after": "1",
    },
  ]);
  assert.equal(lookups(), 2_000);
  clock.advance(1_000);
  assert.deepEqual(await codes(101, "person"), { admitted: 100, rate_limited: 1 });
});

Deno.test("each key has its own rate limit", async () => {
  const { codes } = gate();
  await codes(2_001, "person");
  assert.deepEqual(await codes(1, "agent"), { admitted: 1 });
});

Deno.test("a thousand hosts with one key stay below the rate limit, also when they restart at once", async () => {
  const { clock, codes } = gate();
  assert.deepEqual(await codes(2_000, "agent"), { admitted: 2_000 });
  clock.advance(10_000);
  for (let second = 0; second < 20; second++) {
    assert.deepEqual(await codes(100, "agent"), { admitted: 100 });
    clock.advance(1_000);
  }
});

// Attacker: guesses keys from one address, and compares the responses.
Deno.test("after 30 wrong keys every wrong key of the network gets the same 429", async () => {
  const { clock, attempt, codes, revoke } = gate();
  await revoke("agent");
  assert.deepEqual(await codes(50, "wrong"), { unauthenticated: 30, too_many_wrong_keys: 20 });
  for (const key of ["wrong", "agent"]) {
    const { sent, ...refused } = await attempt(key);
    assert.deepEqual([refused, sent], [
      {
        code: "too_many_wrong_keys",
        status: 429,
        hint: "Correct the program that sends the wrong keys, and wait 1 s",
      },
      {
        "ratelimit": '"wrong-keys";r=0;t=30',
        "ratelimit-policy": '"wrong-keys";q=30;w=30',
        "retry-after": "1",
      },
    ]);
  }
  assert.deepEqual(await codes(1, "wrong", "192.0.2.2"), { unauthenticated: 1 });
  clock.advance(1_000);
  assert.deepEqual(await codes(2, "wrong"), { unauthenticated: 1, too_many_wrong_keys: 1 });
});

// Attacker: sends wrong keys without end from the same address as hosts, behind a proxy or NAT. A control plane
// that has just started has seen no valid key yet.
Deno.test("valid keys are admitted from a network that sends many wrong keys", async () => {
  const { codes } = gate();
  await codes(1_000, "wrong");
  assert.deepEqual(await codes(5, "agent"), { admitted: 5 });
  await codes(1_000, "wrong");
  assert.deepEqual(await codes(5, "person"), { admitted: 5 });
});

// Attacker: guesses on a thousand connections at once, to keep the database busy.
Deno.test("a flood of wrong keys is looked up one at a time, and most of it not at all", async () => {
  const database = Promise.withResolvers<void>();
  const { attempt, codes, lookups, mostAtOnce } = gate({ slowFor: "slow", until: database });
  await codes(30, "wrong");
  let answered = 0;
  const flood = await Promise.all(Array.from({ length: 1_000 }, async () => {
    const { code } = await attempt("slow");
    if (++answered === 800) database.resolve();
    return code;
  }));
  assert.deepEqual([...new Set(flood)], ["too_many_wrong_keys"]);
  assert.deepEqual([lookups(), mostAtOnce()], [30 + 200, 1]);
  assert.deepEqual(await codes(1, "agent"), { admitted: 1 });
});

Deno.test("a revoked key counts as a wrong key", async () => {
  const { codes, revoke } = gate();
  await codes(1, "agent");
  await revoke("agent");
  assert.deepEqual(await codes(40, "agent"), { unauthenticated: 30, too_many_wrong_keys: 10 });
});

// Attacker: has an IPv6 network, and uses another of its addresses for each guess.
Deno.test("all addresses of an IPv6 /64 share one limit of wrong keys", async () => {
  const { codes } = gate();
  for (let number = 0; number < 30; number++) {
    await codes(1, "wrong", `2001:db8:0:1::${number.toString(16)}`);
  }
  const refused = { too_many_wrong_keys: 1 };
  for (const from of ["2001:db8:0:1:ffff::1", "2001:0DB8::1:0:0:0:9", "2001:db8:0:1::1%eth0"]) {
    assert.deepEqual(await codes(1, "wrong", from), refused);
  }
  for (const from of ["2001:db8:0:2::1", "2001:db8::1", "::1", "::ffff:192.0.2.1"]) {
    assert.deepEqual(await codes(1, "wrong", from), { unauthenticated: 1 });
  }
});

Deno.test("every REST response has the rate limit headers, and a 429 has the error body", async () => {
  await using plane = await testPlane();
  const { headers } = await plane.call("GET", HOSTS);
  assert.equal(headers.get("ratelimit-policy"), '"key";q=2000;w=20');
  assert.equal(headers.get("ratelimit"), '"key";r=1999;t=1');
  assert.equal(headers.get("retry-after"), null);
  const failed = await plane.call("GET", `${HOSTS}/nowhere`);
  assert.equal(failed.headers.get("ratelimit"), '"key";r=1998;t=1');

  const verify = `${API}/personal-api-keys/verify`;
  const wrong = { as: "none", headers: { authorization: "apikey bigeye_pak_wrong" } } as const;
  for (let number = 0; number < 30; number++) await plane.call("GET", verify, wrong);
  const { status, body, headers: sent } = await plane.call("GET", verify, wrong);
  const message = "Cannot accept any key now: too many wrong API keys came from this network";
  assert.deepEqual([status, sent.get("retry-after"), body], [429, "1", {
    code: "too_many_wrong_keys",
    message,
    error: message,
    details: [{ message: "Correct the program that sends the wrong keys, and wait 1 s" }],
  }]);
});
