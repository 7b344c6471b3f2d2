/** Only its recipients can read an envelope, and only an unchanged envelope can be read. */

import assert from "node:assert/strict";
import { ApplicationFailure, defaultPayloadConverter, type Payload } from "@temporalio/common";
import { fingerprint } from "../../../../lib/crypto/keys.ts";
import type { LogLevel } from "../../../../lib/ports.ts";
import {
  createEnvelopeCodec,
  ENVELOPE_ENCODING,
  tolerantCodec,
} from "../../../../lib/temporal/payloads/codec.ts";
import { BIGEYE, COMPANY } from "../../../fakes/keys/key_pairs.ts";

const both = () => Promise.resolve([BIGEYE.publicPem, COMPANY.publicPem]);
const clock = { monotonic: () => 0 };

const plane = createEnvelopeCodec({ privatePem: BIGEYE.privatePem, recipients: both, clock });
const host = createEnvelopeCodec({ privatePem: COMPANY.privatePem, recipients: both, clock });

const payload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const valueOf = (sealed: Payload): unknown => defaultPayloadConverter.fromPayload(sealed);
const bytes = (text: string) => new TextEncoder().encode(text);

async function sealOne(value: unknown): Promise<Payload> {
  const [sealed] = await plane.encode([payload(value)]);
  assert.ok(sealed);
  return sealed;
}

async function refused(changed: Payload, pattern: RegExp): Promise<void> {
  await assert.rejects(host.decode([changed]), (thrown) => {
    assert.ok(thrown instanceof ApplicationFailure);
    assert.deepEqual([thrown.type, thrown.nonRetryable], ["policy_denied", true]);
    assert.match(thrown.message, pattern);
    return true;
  });
}

Deno.test("either recipient decodes what the other encoded, whatever the value", async () => {
  const values = [{ a: ["ä", 1, null] }, undefined, null, "", new Uint8Array([0, 255])];
  const sealed = await plane.encode(values.map(payload));
  assert.deepEqual((await host.decode(sealed)).map(valueOf), values);
  assert.deepEqual((await plane.decode(sealed)).map(valueOf), values);
  assert.deepEqual((await plane.decode(await host.encode([payload("back")]))).map(valueOf), [
    "back",
  ]);
});

Deno.test("bytes that are an array of another JavaScript context are sealed as well", async () => {
  // The bytes of a workflow's context, and protobuf's absent bytes, lack Uint8Array's methods.
  const bare = Object.setPrototypeOf(bytes("1"), Object.getPrototypeOf(Uint8Array.prototype));
  const [sealed] = await plane.encode([{ ...payload(1), data: bare }]);
  assert.ok(sealed);
  assert.deepEqual((await host.decode([sealed])).map(valueOf), [1]);
});

Deno.test("a sealed payload shows its encoding and its recipients, and nothing else", async () => {
  const { metadata, data } = await sealOne("snowflake-password");
  const names = [BIGEYE, COMPANY].map(async ({ publicPem }) =>
    `key.${await fingerprint(publicPem)}`
  );
  assert.deepEqual(
    Object.keys(metadata ?? {}).toSorted(),
    ["encoding", ...await Promise.all(names)].toSorted(),
  );
  assert.equal(new TextDecoder().decode(metadata?.encoding), ENVELOPE_ENCODING);
  assert.ok(!new TextDecoder().decode(data ?? undefined).includes("snowflake"));
});

Deno.test("sealing the same value twice gives different bytes", async () => {
  const [one, other] = [await sealOne("x"), await sealOne("x")];
  assert.notDeepEqual(one.data, other.data);
});

Deno.test("a plain payload is refused", async () => {
  // An attacker who can write to Temporal, and has no key, sends plain JSON.
  await refused(payload({ order: "{}" }), /not sealed/);
  await refused(payload(undefined), /not sealed/);
  await refused({}, /not sealed/);
});

Deno.test("the one payload that Temporal itself makes decodes to undefined", async () => {
  const [opened] = await host.decode([payload("ACTIVITY_ID_NOT_STARTED")]);
  assert.ok(opened);
  assert.equal(valueOf(opened), undefined);
  await refused(payload("ACTIVITY_ID_UNKNOWN"), /not sealed/);
});

Deno.test("a payload with a flipped bit is refused", async () => {
  // An attacker on the wire changes a recorded payload, to steer a run without reading it.
  const sealed = await sealOne("x");
  const whole = new Uint8Array(sealed.data ?? []);
  // In the nonce, in the text, and in the tag behind it.
  for (const place of [0, 12, whole.length - 1]) {
    const data = whole.with(place, (whole[place] ?? 0) ^ 1);
    await refused({ ...sealed, data }, /changed on its way/);
  }
  for (const length of [0, 8, 20, whole.length - 1]) {
    await refused({ ...sealed, data: whole.subarray(0, length) }, /changed on its way/);
  }
  await refused({ metadata: sealed.metadata ?? {} }, /changed on its way/);
});

Deno.test("a recipient can be neither added nor removed", async () => {
  // An attacker edits the recipients, to hide from the company who else can read its runs.
  const sealed = await sealOne("x");
  const metadata = sealed.metadata ?? {};
  await refused({ ...sealed, metadata: { ...metadata, "key.ab": bytes("k") } }, /changed/);
  const { [`key.${await fingerprint(BIGEYE.publicPem)}`]: _gone, ...rest } = metadata;
  await refused({ ...sealed, metadata: rest }, /changed/);
});

Deno.test("the data key of another payload cannot decrypt a payload", async () => {
  // An attacker joins the body of one recorded payload to the keys of another.
  const other = createEnvelopeCodec({ privatePem: BIGEYE.privatePem, recipients: both, clock });
  const [foreign] = await other.encode([payload("y")]);
  await refused({ ...await sealOne("x"), metadata: foreign?.metadata ?? {} }, /changed/);
});

Deno.test("a payload that is sealed for others only is refused", async () => {
  // An attacker sends a host a payload that was sealed for another company's account.
  const stranger = createEnvelopeCodec({
    privatePem: BIGEYE.privatePem,
    recipients: () => Promise.resolve([BIGEYE.publicPem]),
    clock,
  });
  const [sealed] = await stranger.encode([payload("x")]);
  assert.ok(sealed);
  await refused(sealed, /not sealed for this side/);
  const id = `key.${await fingerprint(COMPANY.publicPem)}`;
  await refused({ ...sealed, metadata: { ...sealed.metadata, [id]: bytes("junk") } }, /not sealed/);
});

/** The wrapped data key in hex, which identifies the data key. */
async function dataKeyOf(codec: typeof plane): Promise<string> {
  const [sealed] = await codec.encode([payload("x")]);
  const wrapped = sealed?.metadata?.[`key.${await fingerprint(BIGEYE.publicPem)}`];
  assert.ok(wrapped);
  return wrapped.toHex();
}

Deno.test("a data key is used for 5 minutes, then replaced", async () => {
  let now = 0;
  const codec = createEnvelopeCodec({
    privatePem: BIGEYE.privatePem,
    recipients: both,
    clock: { monotonic: () => now },
  });
  const first = await dataKeyOf(codec);
  now = 299_999;
  assert.equal(await dataKeyOf(codec), first);
  now = 300_000;
  assert.notEqual(await dataKeyOf(codec), first);
});

Deno.test("a company key that is registered later is a recipient from the next payload on", async () => {
  const known = [BIGEYE.publicPem];
  const codec = createEnvelopeCodec({
    privatePem: BIGEYE.privatePem,
    recipients: () => Promise.resolve([...known]),
    clock,
  });
  await dataKeyOf(codec);
  known.push(COMPANY.publicPem);
  assert.deepEqual((await host.decode(await codec.encode([payload("x")]))).map(valueOf), ["x"]);
});

const BROKEN_JSON: Payload = { ...payload({ a: 1 }), data: bytes("{") };
const UNKNOWN_ENCODING: Payload = { metadata: { encoding: bytes("odd") } };
const UNSEALED: Payload = { metadata: {} };

/** Decodes all payloads but {@linkcode UNSEALED}. */
const codecOfSealed = {
  encode: (payloads: Payload[]) => Promise.resolve(payloads),
  decode: (payloads: Payload[]) =>
    payloads.includes(UNSEALED)
      ? Promise.reject(new Error("it is not sealed"))
      : Promise.resolve(payloads),
};

Deno.test("a payload that cannot be decoded becomes undefined, and the others are decoded", async () => {
  // An attacker who can write to Temporal's database puts a payload there that fails each workflow task.
  const warned: [LogLevel, string][] = [];
  const codec = tolerantCodec(
    codecOfSealed,
    (level, message) => void warned.push([level, message]),
  );
  const good = payload({ status: "succeeded" });
  const read = await codec.decode([good, UNSEALED, BROKEN_JSON, UNKNOWN_ENCODING, good]);
  const value = { status: "succeeded" };
  assert.deepEqual(read.map(valueOf), [value, undefined, undefined, undefined, value]);
  assert.deepEqual(warned, Array(3).fill(["warn", "payload refused"]));
});
