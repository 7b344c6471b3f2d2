/** The store of a test: SQLite, or Postgres with `./dev test db`. */

import { openStore, type Store } from "../../../control_plane/store/mod.ts";
import type { Clock } from "../../../lib/ports.ts";
import { type TestDatabase, testDatabase } from "./postgres_cluster.ts";

const IS_POSTGRES = Deno.env.get("BIGEYE_TEST_STORE") === "postgres";
/** The template database with the store's empty tables. */
export const MIGRATED = "migrated";

/** Defines a test that only Postgres can run. */
export function postgresTest(name: string, fn: () => Promise<void>): void {
  if (IS_POSTGRES) Deno.test(name, fn);
  else Deno.test.ignore(`${name} (run ./dev test db)`, fn);
}

/** Opens an empty store. Disposing removes it. */
export async function testStore(clock: Clock): Promise<Store> {
  if (!IS_POSTGRES) return await openStore(":memory:", withoutDelays(clock));
  const database = await testDatabase(MIGRATED);
  const store = await openStore(database.url, withoutDelays(clock));
  return { ...store, [Symbol.asyncDispose]: () => closed(store, database) };
}

/** Runs a test with a place at which it can open the same store several times. */
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

/** Makes delays end at once, because no test moves the clock for batched heartbeats. */
function withoutDelays(clock: Clock): Clock {
  return {
    ...clock,
    after(_, callback) {
      queueMicrotask(callback);
      return () => {};
    },
  };
}

async function closed(store: Store, database: TestDatabase): Promise<void> {
  await store[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
}
