/** The control plane accepts an outcome only under the company's key, for its own run and host. */

import assert from "node:assert/strict";
import type { RunOutcome } from "../../../lib/contract/run.ts";
import { importKey } from "../../../lib/crypto/keys.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { signText } from "../../../lib/crypto/signed_order.ts";
import { authenticOutcome, signOutcome } from "../../../lib/crypto/signed_outcome.ts";
import { COMPANY, STRANGER } from "../../fakes/keys/key_pairs.ts";

const key = await importKey(COMPANY.privatePem, "sign");
const RUN_ID = "7b4dd1c8-0d3e-4d25-8a37-0a63ffc7a3c1";
const reader = {
  publicKey: await importKey(COMPANY.publicPem, "verify"),
  runId: RUN_ID,
  hostId: "host-1",
};

const outcome: RunOutcome = {
  status: "failed",
  reason: "exit_nonzero",
  message: "Überlauf",
  exit_code: 3,
  phases: [{ phase: "accepted", at: "2026-01-01T00:00:01.000Z" }],
  ended_at: "2026-01-01T00:00:05.000Z",
};
const ended = { run_id: RUN_ID, host_id: "host-1", outcome };

const denied = (pattern: RegExp) => (thrown: unknown) => {
  assert.ok(thrown instanceof Problem);
  assert.deepEqual([thrown.code, thrown.retryable], ["policy_denied", false]);
  assert.match(thrown.message, pattern);
  return true;
};

Deno.test("a signed outcome is read back as it was signed", async () => {
  assert.deepEqual(await authenticOutcome(await signOutcome(ended, key), reader), outcome);
});

Deno.test("an outcome whose text was changed is refused", async () => {
  // An attacker who can write to Temporal's database turns a reported failure into a success.
  const signed = await signOutcome(ended, key);
  const statement = signed.statement.replace("failed", "succeeded");
  await assert.rejects(authenticOutcome({ ...signed, statement }, reader), denied(/signature/));
});

Deno.test("an outcome signed by another key is refused", async () => {
  // An attacker who knows every public key reports a success signed with another key.
  const forger = await importKey(STRANGER.privatePem, "sign");
  await assert.rejects(
    authenticOutcome(await signOutcome(ended, forger), reader),
    denied(/the company's signature/),
  );
});

for (const signature of ["", "AAAA", "not base64!"]) {
  Deno.test(`an outcome with the signature "${signature}" is refused`, async () => {
    // An attacker strips the signature, in case a missing one is not checked.
    const stripped = { ...await signOutcome(ended, key), signature };
    await assert.rejects(authenticOutcome(stripped, reader), denied(/signature/));
  });
}

Deno.test("the outcome of another run is refused, though the company signed it", async () => {
  // An attacker replays the report of a run that succeeded for a run that failed.
  const runId = crypto.randomUUID();
  await assert.rejects(
    authenticOutcome(await signOutcome(ended, key), { ...reader, runId }),
    denied(new RegExp(`of run "${RUN_ID}", and this is run "${runId}"`)),
  );
});

Deno.test("the outcome of another host is refused, though the company signed it", async () => {
  // An attacker who controls a test host reports from it on a run of a production host.
  await assert.rejects(
    authenticOutcome(await signOutcome(ended, key), { ...reader, hostId: "host-2" }),
    denied(/of host "host-1", and the run was for host "host-2"/),
  );
});

for (const kind of ["run_phases", undefined]) {
  Deno.test(`a signed text of the kind "${kind}" is no outcome`, async () => {
    // An attacker presents a text that a host signed for another purpose as an outcome.
    const statement = JSON.stringify({ ...ended, kind });
    const signed = { statement, signature: await signText(statement, key) };
    await assert.rejects(
      authenticOutcome(signed, reader),
      denied(/does not know the report's form/),
    );
  });
}

Deno.test("a signed text that is not JSON is not accepted as an outcome", async () => {
  // An attacker sends a text that cannot be parsed, in case it is accepted or retried for ever.
  const signed = { statement: "{", signature: await signText("{", key) };
  await assert.rejects(authenticOutcome(signed, reader), denied(/does not know the report's form/));
});
