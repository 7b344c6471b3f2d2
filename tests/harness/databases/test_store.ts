/** The store that a test runs on: SQLite, or Postgres where `./dev test db` says so. */

import { openStore, type Store } from "../../../control_plane/store/mod.ts";
import type { Clock } from "../../../lib/ports.ts";
import { type TestDatabase, testDatabase } from "./postgres_cluster.ts";

const IS_POSTGRES = Deno.env.get("BIGEYE_TEST_STORE") === "postgres";
/** The database with the store's tables and nothing in them. */
export const MIGRATED = "migrated";

/** A test of what is Postgres' own. */
export function postgresTest(name: string, fn: () => Promise<void>): void {
  if (IS_POSTGRES) Deno.test(name, fn);
  else Deno.test.ignore(`${name} (run ./dev test db)`, fn);
}

/** An empty store, gone with its disposal. */
export async function testStore(clock: Clock): Promise<Store> {
  if (!IS_POSTGRES) return await openStore(":memory:", hasty(clock));
  const database = await testDatabase(MIGRATED);
  const store = await openStore(database.url, hasty(clock));
  return { ...store, [Symbol.asyncDispose]: () => closed(store, database) };
}

/** A place to open stores at, several times: what one has saved the next one finds. */
export async function inPlace(test: (place: string) => Promise<void>): Promise<void> {
  if (IS_POSTGRES) {
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

/** Nothing moves the clock for a heartbeat that waits to be written with others. */
function hasty(clock: Clock): Clock {
  return {
    ...clock,
    after(_, late) {
      queueMicrotask(late);
      return () => {};
    },
  };
}

async function closed(store: Store, database: TestDatabase): Promise<void> {
  await store[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
}
