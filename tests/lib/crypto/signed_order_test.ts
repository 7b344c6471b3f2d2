/** A host accepts an order only from Bigeye's key, for itself, and in time. */

import assert from "node:assert/strict";
import type { RunOrder } from "../../../lib/contract/dispatch.ts";
import { importKey } from "../../../lib/crypto/keys.ts";
import {
  authenticOrder,
  refuseUntimely,
  signOrders,
  signText,
} from "../../../lib/crypto/signed_order.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { BIGEYE, STRANGER } from "../../fakes/keys/key_pairs.ts";
import { signedOrder } from "../../fakes/host/signed_order.ts";

const signKey = await importKey(BIGEYE.privatePem, "sign");
const publicKey = await importKey(BIGEYE.publicPem, "verify");

const order: RunOrder = {
  run_id: "7b4dd1c8-0d3e-4d25-8a37-0a63ffc7a3c1",
  host_id: "host-1",
  installation_id: "11111111-1111-4111-8111-111111111111",
  job_id: "job-1",
  job_name: "Nächtliche Läufe",
  task: { agent_type: "lineage", parameters: { connectors: ["snowflake"] } },
  run_limit_seconds: 60,
  issued_at: "2026-01-01T12:00:00.000Z",
  expires_at: "2026-01-01T14:00:00.000Z",
};
const noon = new Date("2026-01-01T12:00:00.000Z");
const reader = { publicKey, hostId: "host-1" };
const later = (minutes: number) => new Date(noon.getTime() + minutes * 60_000);

const foreignKey = await importKey(STRANGER.privatePem, "sign");

const denied = (pattern: RegExp) => (thrown: unknown) => {
  assert.ok(thrown instanceof Problem);
  assert.deepEqual([thrown.code, thrown.retryable], ["policy_denied", false]);
  assert.match(thrown.message, pattern);
  return true;
};

Deno.test("a signed order is read back as it was signed", async () => {
  assert.deepEqual(await authenticOrder(await signedOrder(order, signKey), reader), order);
});

Deno.test("orders that were signed together are accepted one by one", async () => {
  const orders = ["run-1", "run-2", "run-3"].map((job_name) => ({ ...order, job_name }));
  const texts = orders.map((order) => JSON.stringify(order));
  const proof = await signOrders(texts, signKey);
  const read = texts.map((text) => authenticOrder({ order: text, ...proof }, reader));
  assert.deepEqual(await Promise.all(read), orders);
});

Deno.test("a clock that is 10 minutes off, either way, is tolerated", () => {
  refuseUntimely(order, later(-10));
  refuseUntimely(order, later(130));
});

Deno.test("an order whose text was changed is refused", async () => {
  // An attacker who can write to Temporal replaces the connector in a signed order.
  const signed = await signedOrder(order, signKey);
  const tampered = { ...signed, order: signed.order.replace("snowflake", "snowfleck") };
  await assert.rejects(authenticOrder(tampered, reader), denied(/Bigeye's signature/));
});

Deno.test("an order that was not signed with the others is refused", async () => {
  // An attacker joins the proof of a genuine order to a forged order.
  const forged = { ...order, task: { ...order.task, parameters: { connectors: ["snowfleck"] } } };
  const signed = { ...await signedOrder(order, signKey), order: JSON.stringify(forged) };
  await assert.rejects(authenticOrder(signed, reader), denied(/Bigeye's signature/));
});

Deno.test("an order that was added to a signed manifest is refused", async () => {
  // An attacker adds the hash of a forged order to a manifest that Bigeye has signed.
  const given = await signedOrder({ ...order, job_id: "job-2" }, signKey);
  const own = await signedOrder(order, foreignKey);
  const hashes = [given, own].flatMap(({ manifest }) => JSON.parse(manifest).sha256);
  const manifest = JSON.stringify({ kind: "run_orders", sha256: hashes });
  const signed = { ...given, order: own.order, manifest };
  await assert.rejects(authenticOrder(signed, reader), denied(/Bigeye's signature/));
});

Deno.test("a text of another kind that Bigeye has signed is not accepted as proof of an order", async () => {
  // An attacker finds a text signed by Bigeye that happens to list the hash of a forged order.
  const { order: text, manifest } = await signedOrder(order, signKey);
  const other = JSON.stringify({ ...JSON.parse(manifest), kind: "other" });
  const signed = { order: text, manifest: other, signature: await signText(other, signKey) };
  await assert.rejects(authenticOrder(signed, reader), denied(/does not know its form/));
});

Deno.test("an order signed by another key is refused", async () => {
  // An attacker who knows every public key, as all hosts do, signs a forged order with another key.
  const signed = await signedOrder(order, foreignKey);
  await assert.rejects(authenticOrder(signed, reader), denied(/signature/));
});

for (const signature of ["", "AAAA", "not base64!"]) {
  Deno.test(`an order with the signature "${signature}" is refused`, async () => {
    // An attacker strips the signature, in case a missing one is not checked.
    const stripped = { ...await signedOrder(order, signKey), signature };
    await assert.rejects(authenticOrder(stripped, reader), denied(/signature/));
  });
}

Deno.test("an order for another host is refused, though Bigeye signed it", async () => {
  // An attacker replays the order of a test host on the queue of a production host.
  const signed = await signedOrder(order, signKey);
  await assert.rejects(
    authenticOrder(signed, { ...reader, hostId: "host-2" }),
    denied(/for host "host-1", and this is host "host-2"/),
  );
});

Deno.test("an expired order is refused", () => {
  // An attacker keeps a signed order and sends it months later to a host with an empty journal.
  assert.throws(() => refuseUntimely(order, later(136)), denied(/expired at/));
});

Deno.test("an order from the future is refused", () => {
  // An attacker sets the host's clock back, so that an old order never expires.
  assert.throws(() => refuseUntimely(order, later(-16)), denied(/issued at/));
});

Deno.test("an order without readable times is refused", () => {
  // An attacker writes a time that cannot be compared, in case it never passes.
  const timeless = { ...order, expires_at: "never" };
  assert.throws(() => refuseUntimely(timeless, noon), denied(/expired at never/));
});

Deno.test("a signed order of an unknown form is refused with a hint", async () => {
  const newer: RunOrder = JSON.parse(JSON.stringify({ ...order, task: { agent_type: "newer" } }));
  const signed = await signedOrder(newer, signKey);
  await assert.rejects(authenticOrder(signed, reader), denied(/does not know its form/));
});
