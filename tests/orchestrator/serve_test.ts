/** The service from its boundary check to its last heartbeat. */

import assert from "node:assert/strict";
import { importKey } from "../../lib/crypto/keys.ts";
import { isHealthy } from "../../orchestrator/host/health.ts";
import { ForeignRun } from "../../orchestrator/run/run.ts";
import { serve } from "../../orchestrator/serve.ts";
import { composeFile } from "../../templates/compose.ts";
import { STACK_PLAN } from "../fakes/host/stack_plan.ts";
import { signedOrder } from "../fakes/host/signed_order.ts";
import { COMPANY } from "../fakes/keys/key_pairs.ts";
import { manualClock } from "../fakes/system/clock.ts";
import { makeService } from "./service.ts";
import { newAttempt, orderOf, RUN_ID } from "./world.ts";

const key = await importKey(COMPANY.privatePem, "sign");

Deno.test("the service verifies its boundary first, then works, and drains when it is stopped", async () => {
  const { needs, seen, until, asked, clock, files } = makeService();
  const stop = new AbortController();
  const serving = serve(needs, stop.signal);
  await until("heartbeat accepted");
  await clock.sleep(11_000);
  assert.equal(await isHealthy("/tmp/health.json", { files, clock }), true);
  stop.abort();
  await serving;
  assert.deepEqual(seen, [
    "boundary verified",
    "workers of bigeye-agent-host-host-1, 4 slots",
    "temporal worker started",
    "heartbeat accepted",
    "workers drained",
    "connection closed",
    "folder unlocked",
    "stopped",
  ]);
  const beat = "/api/v1/agent-orchestrator/heartbeat apikey key-of-the-host";
  assert.deepEqual(asked, [beat, beat, beat, `${beat}, draining`]);
});

Deno.test("a changed proxy keeps the service from starting", async () => {
  // Attacker: may edit the compose file, and opens the engine's exec calls to the orchestrator.
  const { needs, seen } = makeService({
    composeText: composeFile(STACK_PLAN).replace('EXEC: "0"', 'EXEC: "1"'),
  });
  await assert.rejects(serve(needs, new AbortController().signal), { code: "boundary_changed" });
  assert.deepEqual(seen, ["stopped"]);
});

Deno.test("a machine whose host id another machine owns takes no order, also when it is started again", async () => {
  // Attacker: none; Docker's restart policy starts the old machine's service again and again.
  const { needs, seen } = makeService({ isOurs: () => false });
  await assert.rejects(serve(needs, new AbortController().signal), {
    code: "host_taken_over",
    exit: "conflict",
  });
  assert.deepEqual(seen, [
    "boundary verified",
    "heartbeat not accepted",
    "connection closed",
    "folder unlocked",
    "stopped",
  ]);
});

Deno.test("an order for another machine is logged once, checks the owner at once, and ends a service that lost the host id", async () => {
  let isOurs = true;
  // Time stands still, so every further heartbeat was requested.
  const service = makeService({ isOurs: () => isOurs, clock: manualClock() });
  const serving = serve(service.needs, new AbortController().signal);
  const ended = assert.rejects(serving, { code: "host_taken_over", exit: "conflict" });
  const { runAgentJob } = await service.work;
  const refused = async (run_id: string) => {
    const order = orderOf(["exit-0"], { run_id, installation_id: crypto.randomUUID() });
    await assert.rejects(runAgentJob(await signedOrder(order, key), newAttempt()), ForeignRun);
  };
  await service.until("heartbeat accepted");
  await refused(RUN_ID);
  await refused(RUN_ID);
  isOurs = false;
  await refused("0b0e8a52-6a58-4a4e-9f0e-3a8f0e6c1d12");
  await ended;
  assert.equal(service.asked.length, 4); // one before the workers, one with them, and one per run
  assert.deepEqual(service.seen, [
    "boundary verified",
    "workers of bigeye-agent-host-host-1, 4 slots",
    "temporal worker started",
    "heartbeat accepted",
    "leaving a run to another machine of this host id",
    "leaving a run to another machine of this host id",
    "heartbeat not accepted",
    "workers drained",
    "connection closed",
    "folder unlocked",
    "stopped",
  ]);
});

Deno.test("a cancel or a release for another machine changes no file and checks the owner at once", async () => {
  // Attacker: none; the host was replaced, and its former machine still polls when the new one's run is canceled.
  let isOurs = true;
  const service = makeService({ isOurs: () => isOurs, clock: manualClock() });
  const serving = serve(service.needs, new AbortController().signal);
  const ended = assert.rejects(serving, { code: "host_taken_over", exit: "conflict" });
  const { cancelRun, releaseRun } = await service.work;
  await service.until("heartbeat accepted");
  const before = service.files.texts();
  const foreign = { run_id: RUN_ID, installation_id: "22222222-2222-4222-8222-222222222222" };
  isOurs = false;
  await assert.rejects(cancelRun(foreign), new ForeignRun(foreign));
  await assert.rejects(releaseRun(foreign), new ForeignRun(foreign));
  assert.deepEqual(service.files.texts(), before);
  await ended;
  assert.deepEqual(service.seen.slice(4), [
    "leaving a run to another machine of this host id",
    "heartbeat not accepted",
    "workers drained",
    "connection closed",
    "folder unlocked",
    "stopped",
  ]);
});

Deno.test("a cancel and a release of this machine's run are carried out", async () => {
  const { needs, seen, work } = makeService();
  const stop = new AbortController();
  const serving = serve(needs, stop.signal);
  const { cancelRun, releaseRun } = await work;
  const own = { run_id: RUN_ID, installation_id: "11111111-1111-4111-8111-111111111111" };
  await cancelRun(own);
  await releaseRun(own);
  stop.abort();
  await serving;
  assert.deepEqual(seen.filter((line) => /cancel|released/.test(line)), [
    "cancel requested",
    "run released",
  ]);
});
