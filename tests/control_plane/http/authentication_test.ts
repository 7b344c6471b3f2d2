/** Limits: what one key or one network may ask of the control plane, and what it is told. */

import assert from "node:assert/strict";
import { admission, hashOfKey } from "../../../control_plane/http/authentication.ts";
import type { KeyOwner } from "../../../control_plane/store/mod.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { manualClock } from "../../fakes/system/clock.ts";
import { API, ORCHESTRATOR, testPlane } from "../../fakes/control_plane/plane.ts";

const HOSTS = `${ORCHESTRATOR}/hosts`;

/** A database that does not answer about one key until it is told to. */
interface Slowness {
  readonly slowFor: string;
  readonly until: { readonly promise: Promise<void> };
}

/** A gate before two good keys, "person" and "agent", with how often the store was asked. */
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

  async function knock(key: string, from = "192.0.2.1") {
    const sent: Record<string, string> = {};
    try {
      const owner = await admit({ authorization: `apikey ${key}`, from, sent });
      return { code: "let in", kind: owner.kind, sent };
    } catch (error) {
      assert.ok(error instanceof Problem);
      return { code: error.code, status: error.status, hint: error.hint, sent };
    }
  }

  async function codes(count: number, key: string, from?: string) {
    const found: Record<string, number> = {};
    for (let number = 0; number < count; number++) {
      const { code } = await knock(key, from);
      found[code] = (found[code] ?? 0) + 1;
    }
    return found;
  }

  return {
    clock,
    knock,
    codes,
    lookups: () => lookups,
    mostAtOnce: () => mostAtOnce,
    revoke: (key: string) => void revoked.add(hashOfKey(key)),
  };
}

Deno.test("a key may ask 2,000 times at once, then 100 times a second", async () => {
  const { clock, knock, codes, lookups } = gate();
  assert.deepEqual(await codes(2_000, "person"), { "let in": 2_000 });
  const refused = await knock("person");
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
  assert.deepEqual(await codes(101, "person"), { "let in": 100, rate_limited: 1 });
});

Deno.test("one key's limit is not another's", async () => {
  const { codes } = gate();
  await codes(2_001, "person");
  assert.deepEqual(await codes(1, "agent"), { "let in": 1 });
});

Deno.test("a thousand hosts with one key send their heartbeats, and all at once after a restart", async () => {
  const { clock, codes } = gate();
  assert.deepEqual(await codes(2_000, "agent"), { "let in": 2_000 });
  clock.advance(10_000);
  for (let second = 0; second < 20; second++) {
    assert.deepEqual(await codes(100, "agent"), { "let in": 100 });
    clock.advance(1_000);
  }
});

// Somebody guesses keys from one address, and looks whether the answers tell near misses from others.
Deno.test("after 30 wrong keys a network is told to wait, whatever was wrong with the next one", async () => {
  const { clock, knock, codes, revoke } = gate();
  await revoke("agent");
  assert.deepEqual(await codes(50, "wrong"), { unauthenticated: 30, too_many_wrong_keys: 20 });
  for (const key of ["wrong", "agent"]) {
    const { sent, ...refused } = await knock(key);
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

// A stranger sends wrong keys without end. Behind a proxy or NAT the hosts have the same address, and
// a control plane that has just started knows no key of late.
Deno.test("wrong keys do not shut out whoever sends a right one beside them", async () => {
  const { codes } = gate();
  await codes(1_000, "wrong");
  assert.deepEqual(await codes(5, "agent"), { "let in": 5 });
  await codes(1_000, "wrong");
  assert.deepEqual(await codes(5, "person"), { "let in": 5 });
});

// The stranger opens a thousand connections and guesses on all of them at once, to keep the database busy.
Deno.test("a flood of guesses is looked up one after the other, and most of it not at all", async () => {
  const database = Promise.withResolvers<void>();
  const { knock, codes, lookups, mostAtOnce } = gate({ slowFor: "slow", until: database });
  await codes(30, "wrong");
  let answered = 0;
  const flood = await Promise.all(Array.from({ length: 1_000 }, async () => {
    const { code } = await knock("slow");
    if (++answered === 800) database.resolve();
    return code;
  }));
  assert.deepEqual([...new Set(flood)], ["too_many_wrong_keys"]);
  assert.deepEqual([lookups(), mostAtOnce()], [30 + 200, 1]);
  assert.deepEqual(await codes(1, "agent"), { "let in": 1 });
});

Deno.test("a key that is revoked is a wrong one from then on", async () => {
  const { codes, revoke } = gate();
  await codes(1, "agent");
  await revoke("agent");
  assert.deepEqual(await codes(40, "agent"), { unauthenticated: 30, too_many_wrong_keys: 10 });
});

// Somebody has a whole IPv6 network, and takes another address of it for each guess.
Deno.test("the addresses of an IPv6 /64 are one network, those of another are not", async () => {
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

Deno.test("over REST the limits are told with every answer, and a refusal has the error body", async () => {
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
