/** The store that a test runs on: SQLite, unless the test file was loaded to be run on Postgres. */

import { openStore, type Store } from "../../../control_plane/store/mod.ts";
import type { Clock } from "../../../lib/ports.ts";
import { manualClock } from "../../fakes/clock.ts";
import { databaseUrl, inDatabase, type TestDatabase, testDatabase } from "./postgres_cluster.ts";

const MIGRATED = "migrated";
let onPostgres = false;

/** From here on the stores of this test file are on Postgres. */
export async function usePostgres(): Promise<void> {
  onPostgres = true;
  const known = await inDatabase(
    "postgres",
    `select 1 from pg_database where datname = '${MIGRATED}'`,
  );
  if (known.length > 0) return;
  await inDatabase("postgres", `create database ${MIGRATED}`);
  await (await openStore(await databaseUrl(MIGRATED), manualClock()))[Symbol.asyncDispose]();
}

/** An empty store, gone with its disposal. */
export async function testStore(clock: Clock): Promise<Store> {
  if (!onPostgres) return await openStore(":memory:", hasty(clock));
  const database = await testDatabase(MIGRATED);
  const store = await openStore(database.url, hasty(clock));
  return { ...store, [Symbol.asyncDispose]: () => closed(store, database) };
}

/** Nobody moves the clock for a heartbeat that waits to be written with others. */
function hasty(clock: Clock): Clock {
  return {
    ...clock,
    after(_, late) {
      queueMicrotask(late);
      return () => {};
    },
  };
}

/** A place to open stores at, several times: what one has saved the next one finds. */
export async function inPlace(test: (place: string) => Promise<void>): Promise<void> {
  if (onPostgres) {
    await using database = await testDatabase(MIGRATED);
    await test(database.url);
    return;
  }
  const folder = await Deno.makeTempDir();
  try {
    await test(`${folder}/plane.sqlite`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function closed(store: Store, database: TestDatabase): Promise<void> {
  await store[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
}
