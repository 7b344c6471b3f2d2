/** A store that cannot be written to: the errors for callers, and that it recovers without a loss. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { CompiledQuery, Kysely } from "kysely";
import { openStore, storeOn } from "../../../control_plane/store/mod.ts";
import { sqliteDialect } from "../../../control_plane/store/sqlite/sqlite.ts";
import type { Tables } from "../../../control_plane/store/tables.ts";
import type { RunOutcome } from "../../../lib/contract/run.ts";
import { manualClock } from "../../fakes/system/clock.ts";
import {
  ANY,
  API,
  LINEAGE_JOB,
  ORCHESTRATOR,
  refusal,
  type TestPlane,
  testPlane,
} from "../../fakes/control_plane/plane.ts";
import { INSTALLATION } from "../../fakes/control_plane/registration.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";

const JOBS = `${ORCHESTRATOR}/jobs`;
const FULL = { status: 507, code: "storage_full", paths: [] };

/** Larger than a database page, so that saving it needs a new page. */
const LARGE = {
  connectors: Array.from({ length: 50 }, (_, index) => `${"c".repeat(98)}${index}`),
};
const BALLAST_HOST = `insert into hosts (host_id, installation_id, managed_agents, version,
  registered_at) values (hex(randomblob(20)), '', '[]', '', '')`;

/** Runs a test with a plane on a file. `fill` uses up all pages, so that SQLite reports "full", and `free` adds some. */
async function onSmallDisk(
  test: (
    plane: TestPlane,
    disk: { fill(): Promise<void>; free(): Promise<void> },
  ) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const { db, run } = await opened(`${folder}/plane.sqlite`);
    await run("create table ballast (filling text)");
    await using plane = await testPlane((clock) => Promise.resolve(storeOn(db, clock)));
    const untilFull = async (text: string) => {
      while (await run(text).then(() => true, () => false));
    };
    await test(plane, {
      async fill() {
        await run("pragma max_page_count=1");
        await untilFull(`insert into ballast values (zeroblob(3000))`);
        await untilFull(BALLAST_HOST);
      },
      free: () => run("pragma max_page_count=100000"),
    });
  });
}

/** Opens a migrated database with its connection, because the page limit is a setting of the connection. */
async function opened(path: string) {
  await (await openStore(path, manualClock()))[Symbol.asyncDispose]();
  const db = new Kysely<Tables>({ dialect: sqliteDialect(path) });
  return { db, run: async (text: string) => void await db.executeQuery(CompiledQuery.raw(text)) };
}

Deno.test("on a full disk changes are 507 and reads work, and changes work again when there is space", () =>
  onSmallDisk(async (plane, disk) => {
    await plane.addHost("h-1");
    const job = await plane.addJob({ parameters: LARGE });
    const run = await plane.trigger((await plane.addJob()).id);
    const before = await plane.call("GET", JOBS);
    const host = { installation_id: INSTALLATION, managed_agents: ["lineage"], version: "1" };
    const changes: [string, string, unknown?][] = [
      ["POST", `${JOBS}/${job.id}/runs`],
      ["PATCH", `${JOBS}/${run.job_id}`, { parameters: LARGE }],
      ["POST", JOBS, { ...LINEAGE_JOB, parameters: LARGE }],
      ["POST", `${ORCHESTRATOR}/register`, { ...host, host_id: "h-2" }],
    ];
    await disk.fill();
    for (const [method, path, body] of changes) {
      const answer = await plane.call(method, path, { body, headers: ANY });
      assert.deepEqual([method, path, refusal(answer)], [method, path, FULL]);
    }
    const refused = await plane.call("POST", `${JOBS}/${job.id}/runs`);
    const message = "Cannot save anything: the disk of the control plane is full";
    const hint = "Make room on the disk of its data folder, then send the request again";
    assert.deepEqual(refused.body, {
      code: "storage_full",
      message,
      error: message,
      details: [{ message: hint }],
    });
    assert.deepEqual((await plane.call("GET", JOBS)).body, before.body);
    assert.equal((await plane.call("GET", `${ORCHESTRATOR}/runs/${run.id}`)).status, 200);

    await disk.free();
    for (const [method, path, body] of changes) {
      const { status } = await plane.call(method, path, { body, headers: ANY });
      assert.ok(status === 200 || status === 201, `${method} ${path}: ${status}`);
    }
    assert.deepEqual(plane.complaints, ["warn requests fail: storage_full"]);
  }));

Deno.test("on a full disk a key is accepted, although its last use cannot be recorded", () =>
  onSmallDisk(async (plane, disk) => {
    await disk.fill();
    plane.clock.advance(61_000);
    assert.equal((await plane.call("GET", JOBS)).status, 200);
  }));

Deno.test("on a full disk an outcome is refused, and it is recorded when there is space", () =>
  onSmallDisk(async (plane, disk) => {
    await plane.addHost("h-1");
    const { id } = await plane.trigger((await plane.addJob()).id);
    const outcome: RunOutcome = {
      status: "failed",
      reason: "exit_nonzero",
      message: "why ".repeat(1_000),
      phases: [],
      ended_at: "2026-01-01T00:00:10.000Z",
    };
    await disk.fill();
    for (let attempt = 0; attempt < 3; attempt++) {
      await assert.rejects(plane.store.outbox.recordOutcome(id, outcome), {
        code: "storage_full",
        retryable: true,
      });
      assert.equal((await plane.store.runs.get(id)).status, "queued");
    }
    await disk.free();
    await plane.store.outbox.recordOutcome(id, outcome);
    const { status, message } = await plane.store.runs.get(id);
    assert.deepEqual([status, message], ["failed", outcome.message]);
  }));

Deno.test("a change is 503 while another program has locked the database, and works afterwards", () =>
  inFolder(async (folder) => {
    const path = `${folder}/plane.sqlite`;
    await using plane = await testPlane((clock) => openStore(path, clock));
    await plane.addHost("h-1");
    const job = await plane.addJob();
    using other = new DatabaseSync(path);
    other.exec("begin immediate");
    const answer = await plane.call("POST", `${JOBS}/${job.id}/runs`);
    assert.deepEqual(refusal(answer), { status: 503, code: "storage_busy", paths: [] });
    assert.equal((await plane.call("GET", JOBS)).status, 200);
    other.exec("rollback");
    await plane.trigger(job.id);
  }));

Deno.test("a session works when the database is read-only, although its last use cannot be recorded", () =>
  inFolder(async (folder) => {
    const { db, run } = await opened(`${folder}/plane.sqlite`);
    await using plane = await testPlane((clock) => Promise.resolve(storeOn(db, clock)));
    const { keys, sessions } = plane.store;
    const [key] = await keys.list("personal");
    const about = { userId: key?.user_id ?? "", keyId: key?.id ?? "" };
    await sessions.begin({ ...about, tokenHash: "token", formToken: "form" });
    await run("pragma query_only=on");
    plane.clock.advance(61_000);
    assert.equal((await sessions.find("token", { isUse: true }))?.keyId, key?.id);
  }));

Deno.test("a change is 503 when the database is read-only, and the log has the reason", () =>
  inFolder(async (folder) => {
    const { db, run } = await opened(`${folder}/plane.sqlite`);
    await using plane = await testPlane((clock) => Promise.resolve(storeOn(db, clock)));
    await run("pragma query_only=on");
    const answer = await plane.call("POST", `${API}/agent-api-keys`, { body: { name: "a" } });
    assert.deepEqual(refusal(answer), { status: 503, code: "storage_unusable", paths: [] });
    assert.deepEqual(plane.complaints, ["warn requests fail: storage_unusable"]);
  }));
