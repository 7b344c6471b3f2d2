/** The value of `runAgentJob`: the run's outcome under the company's signature, which Bigeye believes. */

import type { SignedOrder, SignedOutcome } from "../../lib/contract/dispatch.ts";
import { readOrder } from "../../lib/crypto/order.ts";
import { signOutcome } from "../../lib/crypto/signed_outcome.ts";
import type { Attempt } from "./attempt.ts";
import type { RunNeeds } from "./needs.ts";
import { runAgentJob } from "./run_job.ts";

export interface SignedAttempt {
  readonly signed: SignedOrder;
  readonly attempt: Attempt;
  /** The company's private key, imported to sign. */
  readonly key: CryptoKey;
}

/** As `runAgentJob`. Only the end is signed: at 20 ms a signature, nothing before the start waits for one. */
export async function runAndSign(
  needs: RunNeeds,
  { signed, attempt, key }: SignedAttempt,
): Promise<SignedOutcome> {
  const outcome = await runAgentJob(needs, { signed, attempt });
  // Authentic by now: an order that is not was refused above.
  const { run_id, host_id } = readOrder(signed.order);
  return await signOutcome({ run_id, host_id, outcome }, key);
}
