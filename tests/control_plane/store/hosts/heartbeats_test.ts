/** Heartbeats that arrive at about the same time are written together, and each gets its own response. */

import assert from "node:assert/strict";
import { type Kysely, sql } from "kysely";
import {
  heartbeatWriter,
  type WriteBeat,
} from "../../../../control_plane/store/hosts/heartbeats.ts";
import { MACHINE } from "../../../../control_plane/store/mod.ts";
import { openFile } from "../../../../control_plane/store/open.ts";
import type { Tables } from "../../../../control_plane/store/tables.ts";
import { testStore } from "../../../harness/databases/test_store.ts";
import { type ManualClock, manualClock } from "../../../fakes/system/clock.ts";
import { INSTALLATION } from "../../../fakes/control_plane/registration.ts";

const OTHER = "00000000-0000-4000-8000-000000000002";
const AT = "2026-01-01T00:00:00.000Z";

interface Writing {
  readonly db: Kysely<Tables>;
  readonly clock: ManualClock;
  /** Sends a heartbeat of the host's owner with this engine version. */
  beat(hostId: string, engine?: string): ReturnType<WriteBeat>;
  /** Returns the engine version in each host's row. */
  engines(): Promise<readonly (string | null)[]>;
}

/** Runs `work` with so many registered hosts without a heartbeat. */
async function onHosts(count: number, work: (writing: Writing) => Promise<void>): Promise<void> {
  const clock = manualClock();
  const db = await openFile(":memory:");
  try {
    const hosts = Array.from({ length: count }, (_, number) => ({
      host_id: `h-${number}`,
      installation_id: INSTALLATION,
      managed_agents: "[]",
      version: "1",
      engine: null,
      registered_at: AT,
      last_heartbeat_at: null,
      report: null,
    }));
    await db.insertInto("hosts").values(hosts).execute();
    const write = heartbeatWriter(db, clock);
    await work({
      db,
      clock,
      beat: (host_id, engine = "Docker 28") =>
        write({
          host_id,
          installation_id: INSTALLATION,
          version: "1",
          engine,
          last_heartbeat_at: AT,
          report: "{}",
        }),
      async engines() {
        const rows = await db.selectFrom("hosts").select("engine").orderBy("host_id").execute();
        return rows.map(({ engine }) => engine);
      },
    });
  } finally {
    await db.destroy();
  }
}

Deno.test("of several heartbeats at once each is accepted or refused by its own host and installation", async () => {
  const clock = manualClock();
  await using store = await testStore(clock);
  for (const host_id of ["h-1", "h-2"]) {
    const body = { host_id, installation_id: INSTALLATION, managed_agents: [], version: "1" };
    await store.hosts.register({ ...body, replace: false }, true, MACHINE);
  }
  clock.advance(1_000);
  const beat = (id: string, installation_id: string) =>
    store.hosts.heartbeat(id, { installation_id, version: "2", report: { activeRuns: [] } })
      .then(() => "accepted", ({ code }) => code);
  assert.deepEqual(
    await Promise.all([
      beat("h-1", INSTALLATION),
      beat("h-2", OTHER),
      beat("h-1", OTHER),
      beat("h-3", INSTALLATION),
    ]),
    ["accepted", "host_owned_elsewhere", "host_owned_elsewhere", "host_not_found"],
  );
  const { hosts } = await store.hosts.list({ limit: 10 });
  assert.deepEqual(
    hosts.map(({ host_id, version, last_heartbeat_at }) => [host_id, version, last_heartbeat_at]),
    [["h-1", "2", "2026-01-01T00:00:01.000Z"], ["h-2", "1", null]],
  );
});

Deno.test("heartbeats within a tenth of a second are written at its end, only the last one of each host", () =>
  onHosts(2, async ({ clock, beat, engines }) => {
    const beats = [beat("h-0", "first"), beat("h-1"), beat("h-0", "last")];
    clock.advance(99);
    assert.deepEqual(await engines(), [null, null]);
    clock.advance(1);
    assert.deepEqual(await Promise.all(beats), [true, true, true]);
    assert.deepEqual(await engines(), ["last", "Docker 28"]);
  }));

Deno.test("fifty heartbeats are written at once, and the next one starts a new batch", () =>
  onHosts(51, async ({ clock, beat }) => {
    const beats = Array.from({ length: 51 }, (_, number) => beat(`h-${number}`));
    const next = beats.pop();
    assert.deepEqual(await Promise.all(beats), Array(50).fill(true));
    clock.advance(100);
    assert.equal(await next, true);
  }));

Deno.test("a failed write refuses all heartbeats of its batch and none of the next one", () =>
  onHosts(2, async ({ db, clock, beat, engines }) => {
    await sql`
      create trigger refusing before update on hosts when new.engine = 'refused'
      begin select raise(abort, 'no such engine'); end`.execute(db);
    const refused = Promise.all([
      assert.rejects(beat("h-0", "refused"), /no such engine/),
      assert.rejects(beat("h-1"), /no such engine/),
    ]);
    clock.advance(100);
    await refused;
    const later = beat("h-1");
    clock.advance(100);
    assert.equal(await later, true);
    assert.deepEqual(await engines(), [null, "Docker 28"]);
  }));
