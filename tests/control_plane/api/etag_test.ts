/** Conditional requests: changes of an older version are refused, and unchanged resources are 304. */

import assert from "node:assert/strict";
import {
  ANY,
  LINEAGE_JOB,
  ORCHESTRATOR,
  refusal,
  testPlane,
} from "../../fakes/control_plane/plane.ts";

const JOBS = `${ORCHESTRATOR}/jobs`;

Deno.test("of many concurrent edits of one version one is saved, and the others are 412 with the new version", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const { id } = await plane.addJob();
  const { headers } = await plane.call("GET", `${JOBS}/${id}`);
  const etag = headers.get("etag") ?? "";
  assert.match(etag, /^"1\.[0-9a-f]{16}"$/);

  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, editor) =>
      plane.call("PATCH", `${JOBS}/${id}`, {
        body: { name: `editor ${editor}` },
        headers: { "if-match": etag },
      })),
  );
  const [won, ...more] = answers.filter(({ status }) => status === 200);
  const lost = answers.filter(({ status }) => status !== 200);
  assert.deepEqual([won?.body.version, more.length, lost.length], [2, 0, 19]);
  const message = `Cannot change job "${won?.body.name}": it has been changed to version 2`;
  for (const { status, body } of lost) {
    assert.deepEqual({ status, body }, {
      status: 412,
      body: {
        code: "version_conflict",
        message,
        error: message,
        details: [{ path: "version", message: "2" }, {
          message:
            `GET ${JOBS}/${id}, check what has changed, and send the request again with the ` +
            `header 'If-Match: "2"'`,
        }],
      },
    });
  }
  const now = await plane.call("GET", `${JOBS}/${id}`);
  assert.deepEqual(now.body, won?.body);
  assert.equal(now.headers.get("etag"), won?.headers.get("etag"));
});

// Without the version, the second of two scripts that read a job and edit it would undo the first one's edit.
Deno.test("a change or deletion without If-Match is refused with 428", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const { id } = await plane.addJob();
  const path = `${JOBS}/${id}`;
  const before = await plane.call("GET", path);
  const message = (verb: string) =>
    `Cannot ${verb} job "${id}": the request does not name a version`;
  const hint = (verb: string) =>
    `GET ${path} and send its ETag in the header If-Match, or "If-Match: *" to ${verb} any ` +
    "version";
  for (const headers of [{}, { "if-match": "" }]) {
    const patched = await plane.call("PATCH", path, { body: { name: "stolen" }, headers });
    const deleted = await plane.call("DELETE", path, { headers });
    for (const [{ status, body }, verb] of [[patched, "change"], [deleted, "delete"]] as const) {
      assert.deepEqual({ status, body }, {
        status: 428,
        body: {
          code: "precondition_required",
          message: message(verb),
          error: message(verb),
          details: [{ path: "If-Match", message: "is missing" }, { message: hint(verb) }],
        },
      });
    }
  }
  assert.deepEqual((await plane.call("GET", path)).body, before.body);
});

Deno.test("concurrent edits of different fields with If-Match * are both saved", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const { id } = await plane.addJob();
  const path = `${JOBS}/${id}`;
  await Promise.all([
    plane.call("PATCH", path, { body: { name: "renamed" }, headers: ANY }),
    plane.call("PATCH", path, { body: { run_limit_seconds: 5 }, headers: ANY }),
  ]);
  const { name, run_limit_seconds, version } = (await plane.call("GET", path)).body;
  assert.deepEqual([name, run_limit_seconds, version], ["renamed", 5, 3]);
});

Deno.test("If-Match accepts the ETag or the bare version of the current version only", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const { id } = await plane.addJob();
  const path = `${JOBS}/${id}`;
  const { headers } = await plane.call("GET", path);
  // A run changes what is shown of the job, and not its version.
  await plane.trigger(id);
  const whole = headers.get("etag") ?? "";
  let run_limit_seconds = 1;
  const patch = (tag: string) =>
    plane.call("PATCH", path, {
      body: { run_limit_seconds: run_limit_seconds++ },
      headers: { "if-match": tag },
    });
  assert.equal((await patch(whole)).body.version, 2);
  assert.equal((await patch('"2"')).body.version, 3);
  assert.equal((await patch("*")).body.version, 4);
  for (const tag of [whole, '"3"', 'W/"4"', '"four"', '""', '"4.x"']) {
    const answer = await patch(tag);
    assert.deepEqual(refusal(answer), {
      status: 412,
      code: "version_conflict",
      paths: ["version"],
    });
  }
  for (const tag of ["4", '"4", "3"', '"4']) {
    const answer = await patch(tag);
    assert.deepEqual(refusal(answer), { status: 422, code: "invalid_input", paths: ["If-Match"] });
  }
  assert.equal((await plane.call("GET", path)).body.version, 4);
});

Deno.test("an edit without a difference changes neither the version, the time nor the audit log", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const schedule = { cron: "30 6 * * 1-5", time_zone: "UTC" };
  const job = await plane.addJob({ schedule });
  const path = `${JOBS}/${job.id}`;
  const before = await plane.call("GET", path);
  const audit = await plane.store.audit.list({ limit: 100 });
  plane.clock.advance(1_000);
  const { name, host_id, parameters, run_limit_seconds } = job;
  const same = { name, host_id, parameters, run_limit_seconds, schedule };
  for (const body of [{}, { name }, { schedule: { paused: false } }, same]) {
    const answer = await plane.call("PATCH", path, { body, headers: ANY });
    assert.deepEqual(
      [answer.status, answer.body, answer.headers.get("etag")],
      [200, before.body, before.headers.get("etag")],
    );
  }
  assert.deepEqual(await plane.store.audit.list({ limit: 100 }), audit);
  const late = { body: {}, headers: { "if-match": '"7"' } };
  assert.equal((await plane.call("PATCH", path, late)).status, 412);
});

Deno.test("a deletion of an older version is refused", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const { id } = await plane.addJob();
  const path = `${JOBS}/${id}`;
  await plane.call("PATCH", path, { body: { name: "kept" }, headers: ANY });
  const old = await plane.call("DELETE", path, { headers: { "if-match": '"1"' } });
  assert.deepEqual(refusal(old), { status: 412, code: "version_conflict", paths: ["version"] });
  assert.equal(
    old.body.message,
    'Cannot delete job "kept": it has been changed to version 2',
  );
  assert.equal((await plane.call("DELETE", path, { headers: { "if-match": '"2"' } })).status, 204);
});

Deno.test("a job or run with the ETag of If-None-Match is 304 until something shown of it changes", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  const created = await plane.call("POST", JOBS, { body: LINEAGE_JOB });
  const path = `${JOBS}/${created.body.id}`;
  const state = async (at: string, tag: string) => {
    const { status, body, headers } = await plane.call("GET", at, {
      headers: { "if-none-match": tag },
    });
    return [status, body === undefined, headers.get("etag")];
  };
  const tag = created.headers.get("etag") ?? "";
  assert.deepEqual(await state(path, tag), [304, true, tag]);
  assert.deepEqual(await state(path, `"other", W/${tag}`), [304, true, tag]);
  assert.deepEqual(await state(path, "*"), [304, true, tag]);
  assert.deepEqual(await state(path, '"other"'), [200, false, tag]);

  const run = await plane.trigger(created.body.id);
  assert.equal((await state(path, tag))[0], 200);
  const runPath = `${ORCHESTRATOR}/runs/${run.id}`;
  const runTag = (await plane.call("GET", runPath)).headers.get("etag") ?? "";
  assert.match(runTag, /^"[0-9a-f]{16}"$/);
  assert.deepEqual(await state(runPath, runTag), [304, true, runTag]);
  await plane.call("POST", `${runPath}/cancel`);
  assert.equal((await state(runPath, runTag))[0], 200);
});
