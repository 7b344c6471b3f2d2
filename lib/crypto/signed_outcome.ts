/** Run outcomes: the host signs them with the company's key, and each is accepted for its own run only. */

import * as v from "valibot";
import { OutcomeStatementSchema, type SignedOutcome } from "../contract/dispatch.ts";
import type { RunOutcome } from "../contract/run.ts";
import {
  reportNotSigned,
  reportNotUnderstood,
  reportOfAnotherHost,
  reportOfAnotherRun,
} from "../problems/run.ts";
import { isSigned, signText } from "./signed_order.ts";

export interface EndedRun {
  readonly run_id: string;
  readonly host_id: string;
  readonly outcome: RunOutcome;
}

/** Writes the statement as JSON text and signs it with the company's RSA-PSS key; takes 10 to 20 ms. */
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

/**
 * Returns the outcome as the host wrote it, of whatever form, if the signature, the run and the host are
 * right.
 * @throws `policy_denied`
 */
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

/** The company signed the text. If it does not fit the schema, it is another kind of text, or the host is newer. */
function readStatement(text: string): v.InferOutput<typeof OutcomeStatementSchema> {
  try {
    return v.parse(OutcomeStatementSchema, JSON.parse(text));
  } catch (cause) {
    throw reportNotUnderstood(cause);
  }
}
