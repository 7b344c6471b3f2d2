/** Runs over REST: one active run per job, repeated triggers, cancels, and pages of the history. */

import assert from "node:assert/strict";
import { ORCHESTRATOR, refusal, testPlane } from "../../../fakes/control_plane/plane.ts";

const RUNS = `${ORCHESTRATOR}/runs`;

Deno.test("a trigger queues a run with the job's definition and wakes the dispatcher", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const job = await plane.addJob();
  const { status, body } = await plane.call("POST", `${ORCHESTRATOR}/jobs/${job.id}/runs`);
  assert.equal(status, 201);
  assert.deepEqual(body, {
    id: body.id,
    job_id: job.id,
    job_name: "nightly",
    host_id: "h-1",
    agent_type: "lineage",
    parameters: { connectors: ["snowflake"] },
    run_limit_seconds: 60,
    trigger: "manual",
    scheduled_for: null,
    status: "queued",
    reason: null,
    message: null,
    exit_code: null,
    connections: [],
    phases: [],
    created_at: "2026-01-01T00:00:00.000Z",
    started_at: null,
    ended_at: null,
    cancel_requested_at: null,
  });
  assert.deepEqual((await plane.call("GET", `${RUNS}/${body.id}`, { as: "member" })).body, body);
  assert.equal(plane.wakes(), 1);
});

Deno.test("of 1,000 concurrent triggers of one job one starts a run and 999 are conflicts", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const { id } = await plane.addJob();
  const trigger = async (): ReturnType<typeof plane.call> => {
    const answer = await plane.call("POST", `${ORCHESTRATOR}/jobs/${id}/runs`);
    // Waited too long for its turn, as may happen on a busy machine.
    return answer.body.code === "storage_busy" ? await trigger() : answer;
  };
  const answers = await Promise.all(Array.from({ length: 1000 }, trigger));
  const won = answers.filter(({ status }) => status === 201).map(({ body }) => body.id);
  const lost = answers.filter(({ status }) => status === 409).map(({ body }) => body);
  assert.deepEqual([won.length, lost.length], [1, 999]);
  for (const { code, details } of lost) {
    assert.deepEqual([code, details[0]], [
      "run_already_active",
      { path: "run_id", message: won[0] },
    ]);
  }
  assert.equal((await plane.call("GET", RUNS)).body.runs.length, 1);
});

Deno.test("a repeated idempotency key returns the same run for a day, and counts per job", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const [one, other] = [await plane.addJob(), await plane.addJob({ name: "other" })];
  const headers = { "idempotency-key": "click-1" };
  const trigger = async (jobId: string) => {
    const { status, body } = await plane.call("POST", `${ORCHESTRATOR}/jobs/${jobId}/runs`, {
      headers,
    });
    return [status, body.id];
  };
  const [created, id] = await trigger(one.id);
  assert.equal(created, 201);
  assert.deepEqual(await trigger(one.id), [200, id]);
  await plane.call("POST", `${RUNS}/${id}/cancel`);
  plane.clock.advance(24 * 3_600_000 - 1);
  assert.deepEqual(await trigger(one.id), [200, id]);
  assert.equal((await trigger(other.id))[0], 201);
  plane.clock.advance(1);
  const [again, fresh] = await trigger(one.id);
  assert.equal(again, 201);
  assert.notEqual(fresh, id);
});

Deno.test("200 concurrent triggers with one idempotency key start one run, and all return it", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const { id } = await plane.addJob();
  const answers = await Promise.all(
    Array.from({ length: 200 }, () =>
      plane.call("POST", `${ORCHESTRATOR}/jobs/${id}/runs`, {
        headers: { "idempotency-key": "click-1" },
      })),
  );
  const statuses = Map.groupBy(answers, ({ status }) => status);
  assert.deepEqual([statuses.get(201)?.length, statuses.get(200)?.length], [1, 199]);
  const [run] = (await plane.call("GET", RUNS)).body.runs;
  for (const { body } of answers) assert.deepEqual(body, run);
  assert.equal(plane.wakes(), 1);
});

Deno.test("the same idempotency key for two jobs at once starts a run of each", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const jobs = [await plane.addJob(), await plane.addJob({ name: "other" })];
  const answers = await Promise.all(
    jobs.map(({ id }) =>
      plane.call("POST", `${ORCHESTRATOR}/jobs/${id}/runs`, {
        headers: { "idempotency-key": "click-1" },
      })
    ),
  );
  assert.deepEqual(
    answers.map(({ status, body }) => [status, body.job_id]),
    jobs.map(({ id }) => [201, id]),
  );
});

Deno.test("the idempotency key of a refused trigger can be used again", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const { id } = await plane.addJob();
  const path = `${ORCHESTRATOR}/jobs/${id}/runs`;
  const active = await plane.trigger(id);
  const headers = { "idempotency-key": "click-1" };
  assert.equal((await plane.call("POST", path, { headers })).status, 409);
  await plane.call("POST", `${RUNS}/${active.id}/cancel`);
  assert.equal((await plane.call("POST", path, { headers })).status, 201);
});

Deno.test("a trigger of an active job with a new idempotency key is refused with 409", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const { id } = await plane.addJob();
  await plane.trigger(id);
  const path = `${ORCHESTRATOR}/jobs/${id}/runs`;
  const answer = await plane.call("POST", path, { headers: { "idempotency-key": "another" } });
  assert.equal(refusal(answer).code, "run_already_active");
  const long = await plane.call("POST", path, { headers: { "idempotency-key": "k".repeat(201) } });
  assert.deepEqual(refusal(long), {
    status: 422,
    code: "invalid_input",
    paths: ["Idempotency-Key"],
  });
});

Deno.test("a run that was not dispatched yet is canceled at once, and its job can be triggered again", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const job = await plane.addJob();
  const run = await plane.trigger(job.id);
  plane.clock.advance(2000);
  const { status, body } = await plane.call("POST", `${RUNS}/${run.id}/cancel`);
  assert.deepEqual([status, body], [200, {
    ...run,
    status: "canceled",
    reason: "canceled_by_user",
    message: "Canceled before a host was asked to run it",
    ended_at: "2026-01-01T00:00:02.000Z",
    cancel_requested_at: "2026-01-01T00:00:02.000Z",
  }]);
  assert.deepEqual(await plane.store.outbox.undispatched(10), []);
  await plane.trigger(job.id);
});

Deno.test("a dispatched run stays active after a cancel until its host reports an outcome", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const { id } = await plane.trigger((await plane.addJob()).id);
  await plane.store.outbox.claim([id]);
  const cancel = () => plane.call("POST", `${RUNS}/${id}/cancel`);
  const { status, body } = await cancel();
  const asked = [body.status, body.ended_at, body.cancel_requested_at];
  assert.deepEqual([status, ...asked], [202, "queued", null, "2026-01-01T00:00:00.000Z"]);
  assert.equal(plane.wakes(), 2);
  plane.clock.advance(1000);
  assert.deepEqual((await cancel()).body, body);

  await plane.store.outbox.recordOutcome(id, {
    status: "succeeded",
    phases: [],
    ended_at: "2026-01-01T00:00:03.000Z",
  });
  assert.deepEqual(refusal(await cancel()), { status: 409, code: "run_not_active", paths: [] });
  assert.equal((await plane.call("GET", `${RUNS}/${id}`)).body.status, "succeeded");
});

Deno.test("runs are paged newest first, and added runs do not change the following pages", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const ids: string[] = [];
  const add = async () => {
    const job = await plane.addJob();
    ids.unshift((await plane.trigger(job.id)).id);
    plane.clock.advance(1);
  };
  for (let count = 0; count < 5; count++) await add();
  const expected = [...ids];
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "pageSize=2" : `pageSize=2&pageCursor=${cursor}`;
    const { body } = await plane.call("GET", `${RUNS}?${query}`);
    seen.push(...body.runs.map(({ id }: { id: string }) => id));
    cursor = body.paginationInfo.nextCursor ?? null;
    await add();
  } while (cursor !== null);
  assert.deepEqual(seen, expected);
});

Deno.test("of several runs of the same millisecond each is on exactly one page", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const ids: string[] = [];
  for (let count = 0; count < 5; count++) {
    ids.push((await plane.trigger((await plane.addJob()).id)).id);
  }
  const first = (await plane.call("GET", `${RUNS}?pageSize=3`)).body;
  const rest =
    (await plane.call("GET", `${RUNS}?pageSize=3&pageCursor=${first.paginationInfo.nextCursor}`))
      .body;
  const seen = [...first.runs, ...rest.runs].map(({ id }: { id: string }) => id);
  assert.deepEqual([seen.toSorted(), rest.paginationInfo], [ids.toSorted(), {}]);
});

Deno.test("the history is filtered by host, agent type, status and job", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  await plane.addHost("h-2");
  const lineage = await plane.trigger((await plane.addJob()).id);
  const elsewhere = await plane.trigger((await plane.addJob({ host_id: "h-2" })).id);
  const health = await plane.trigger(
    (await plane.addJob({ agent_type: "datahealth", parameters: { file_name: "a.yml" } })).id,
  );
  await plane.call("POST", `${RUNS}/${elsewhere.id}/cancel`);
  const found = async (query: string) => {
    const { body } = await plane.call("GET", `${RUNS}?${query}`, { as: "member" });
    return body.runs.map(({ id }: { id: string }) => id).toSorted();
  };
  assert.deepEqual(await found("host=h-2"), [elsewhere.id]);
  assert.deepEqual(await found("agent_type=datahealth"), [health.id]);
  assert.deepEqual(await found("status=queued"), [lineage.id, health.id].toSorted());
  assert.deepEqual(await found(`job=${lineage.job_id}`), [lineage.id]);
  assert.deepEqual(await found("host=h-1&agent_type=lineage&status=canceled"), []);
  assert.deepEqual(await found("host=h-1&agent_type=lineage&status=queued"), [lineage.id]);
  assert.deepEqual(await found("agent_type=lineage&status=canceled"), [elsewhere.id]);
  assert.deepEqual(await found(`job=${elsewhere.job_id}&host=h-2&status=canceled`), [elsewhere.id]);
  assert.deepEqual(await found(`job=${elsewhere.job_id}&host=h-1`), []);
});
