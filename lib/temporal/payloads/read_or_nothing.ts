/** For the side of the workflows, where a payload that cannot be read must not stop a run for ever. */

import { defaultPayloadConverter, type Payload, type PayloadCodec } from "@temporalio/common";
import type { Log } from "../../ports.ts";
import { reasonOf } from "../../problems/problem.ts";
import { NOTHING } from "./codec.ts";

/**
 * A codec that decodes what it cannot open, or what holds no value within, as `undefined`, with a warning.
 *
 * Temporal repeats a workflow's task until it works, so one forged payload would occupy a job for
 * ever. As nothing it goes on to whoever must refuse it, and the run ends.
 */
export function readOrNothing(codec: PayloadCodec, log: Log): PayloadCodec {
  return {
    encode: (payloads) => codec.encode(payloads),
    decode: (payloads) => Promise.all(payloads.map((payload) => read(payload, { codec, log }))),
  };
}

async function read(
  payload: Payload,
  { codec, log }: { readonly codec: PayloadCodec; readonly log: Log },
): Promise<Payload> {
  try {
    const [opened = NOTHING] = await codec.decode([payload]);
    // Who knows the public keys can seal anything, and the workflow would fail over it just as often.
    defaultPayloadConverter.fromPayload(opened);
    return opened;
  } catch (error) {
    log("warn", "payload refused", { reason: "policy_denied", error: reasonOf(error) });
    return NOTHING;
  }
}
