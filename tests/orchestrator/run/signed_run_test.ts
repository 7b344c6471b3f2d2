/** What a host answers to Bigeye is its run's outcome, under the company's signature. */

import assert from "node:assert/strict";
import { importKey } from "../../../lib/crypto/keys.ts";
import { authenticOutcome } from "../../../lib/crypto/signed_outcome.ts";
import { runAndSign } from "../../../orchestrator/run/signed_run.ts";
import { COMPANY } from "../../fakes/key_pairs.ts";
import { makeWorld, newAttempt, orderOf, RUN_ID, signed } from "../world.ts";

const key = await importKey(COMPANY.privatePem, "sign");
const reader = {
  publicKey: await importKey(COMPANY.publicPem, "verify"),
  runId: RUN_ID,
  hostId: "host-1",
};

Deno.test("the end of a run is signed for its run and host, and an answer that was lost again", async () => {
  const world = makeWorld();
  const order = await signed(orderOf(["exit-0"]));
  const answer = async () => {
    const { needs } = world.process();
    const report = await runAndSign(needs, { signed: order, attempt: newAttempt(), key });
    return await authenticOutcome(report, reader);
  };
  const at = "2026-01-01T00:00:00.000Z";
  const outcome = {
    status: "succeeded",
    exit_code: 0,
    phases: ["accepted", "starting", "running"].map((phase) => ({ phase, at })),
    started_at: at,
    ended_at: at,
  };
  assert.deepEqual([await answer(), await answer()], [outcome, outcome]);
});

Deno.test("a refused order is answered without a signature", async () => {
  // Who: somebody who sends orders of their own, to have the host sign what they can replay elsewhere.
  const { needs } = makeWorld().process();
  const order = await signed(orderOf(["exit-0"], { host_id: "host-2" }));
  await assert.rejects(runAndSign(needs, { signed: order, attempt: newAttempt(), key }), {
    code: "policy_denied",
  });
});
