/** How a run ended is said by its host, signed with the company's key, and believed for that run only. */

import * as v from "valibot";
import { OutcomeStatementSchema, type SignedOutcome } from "../contract/dispatch.ts";
import type { RunOutcome } from "../contract/run.ts";
import {
  reportNotSigned,
  reportNotUnderstood,
  reportOfAnotherHost,
  reportOfAnotherRun,
} from "../problems/run.ts";
import { isSigned, signText } from "./signature.ts";

export interface EndedRun {
  readonly run_id: string;
  readonly host_id: string;
  readonly outcome: RunOutcome;
}

/** Freezes the statement as JSON text and signs it with the company's RSA-PSS key; takes 10 to 20 ms. */
export async function signOutcome(
  { run_id, host_id, outcome }: EndedRun,
  key: CryptoKey,
): Promise<SignedOutcome> {
  const kind = "run_outcome";
  const statement = JSON.stringify({ kind, run_id, host_id, outcome });
  return { statement, signature: await signText(statement, key) };
}

export interface OutcomeReader {
  /** The company's public key, imported to verify. */
  readonly publicKey: CryptoKey;
  readonly runId: string;
  readonly hostId: string;
}

/** The outcome as its host wrote it, of whatever form, once key, run and host are right. Throws `policy_denied`. */
export async function authenticOutcome(
  { statement: text, signature }: SignedOutcome,
  { publicKey, runId, hostId }: OutcomeReader,
): Promise<unknown> {
  if (!await isSigned({ text, signature }, publicKey)) throw reportNotSigned();
  const { run_id, host_id, outcome } = readStatement(text);
  if (run_id !== runId) throw reportOfAnotherRun(run_id, runId);
  if (host_id !== hostId) throw reportOfAnotherHost(host_id, hostId);
  return outcome;
}

/** The company signed it, so what does not fit the schema is another kind of text, or a newer host's. */
function readStatement(text: string): v.InferOutput<typeof OutcomeStatementSchema> {
  try {
    return v.parse(OutcomeStatementSchema, JSON.parse(text));
  } catch (cause) {
    throw reportNotUnderstood(cause);
  }
}
