/** Of payloads that cannot be read nothing is left but a warning. */

import assert from "node:assert/strict";
import { defaultPayloadConverter, type Payload } from "@temporalio/common";
import type { LogLevel } from "../../../../lib/ports.ts";
import { readOrNothing } from "../../../../lib/temporal/payloads/read_or_nothing.ts";

const GOOD: Payload = defaultPayloadConverter.toPayload({ status: "succeeded" });
const BROKEN_JSON: Payload = { ...GOOD, data: new TextEncoder().encode("{") };
const ODD: Payload = { metadata: { encoding: new TextEncoder().encode("odd") } };
const UNSEALED: Payload = { metadata: {} };

/** Opens all but what carries no encoding, as the envelope codec does with what is not sealed. */
const codec = {
  encode: (payloads: Payload[]) => Promise.resolve(payloads),
  decode: (payloads: Payload[]) =>
    payloads.includes(UNSEALED)
      ? Promise.reject(new Error("it is not sealed"))
      : Promise.resolve(payloads),
};

Deno.test("what cannot be read is nothing, and takes nothing else with it", async () => {
  // Somebody who can write Temporal's store puts a payload there over which each workflow task fails.
  const warned: [LogLevel, string][] = [];
  const forgiving = readOrNothing(codec, (level, message) => void warned.push([level, message]));
  const read = await forgiving.decode([GOOD, UNSEALED, BROKEN_JSON, ODD, GOOD]);
  const values = read.map((payload) => defaultPayloadConverter.fromPayload(payload));
  const good = { status: "succeeded" };
  assert.deepEqual(values, [good, undefined, undefined, undefined, good]);
  assert.deepEqual(warned, Array(3).fill(["warn", "payload refused"]));
});
