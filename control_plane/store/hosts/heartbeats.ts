/** Writes heartbeats in batches, one statement each: a thousand hosts send a hundred heartbeats a second. */

import { type Kysely, sql } from "kysely";
import type { Clock } from "../../../lib/ports.ts";
import type { HostsRow, Tables } from "../tables.ts";
import { relaxedDurability } from "../sqlite/sqlite.ts";

/** The columns that a heartbeat writes, with the host and the installation that it comes from. */
export type Beat = Pick<HostsRow, typeof COLUMNS[number]>;

/** Resolves when the batch is written; `true` if the host is registered to that installation. */
export type WriteBeat = (beat: Beat) => Promise<boolean>;

const COLUMNS = [
  "host_id",
  "installation_id",
  "version",
  "engine",
  "last_heartbeat_at",
  "report",
] as const;
/** How long a batch collects. Pages show ages in seconds, and hosts wait for the answer only at start and stop. */
const BATCH_MS = 100;
/** Largest batch. Each batch size is a distinct statement, which SQLite keeps prepared. */
const MAX_BATCH = 50;

interface Batch {
  readonly beats: Map<string, Beat>;
  /** The heartbeats that matched a registered host. */
  readonly owners: Promise<ReadonlySet<string>>;
  write(): void;
}

export function heartbeatWriter(db: Kysely<Tables>, clock: Clock): WriteBeat {
  let open: Batch | undefined;

  function openBatch(): Batch {
    const beats = new Map<string, Beat>();
    const owners = Promise.withResolvers<ReadonlySet<string>>();
    const write = () => {
      cancel();
      open = undefined;
      owners.resolve(written(db, [...beats.values()]));
    };
    const cancel = clock.after(BATCH_MS, write);
    return { beats, owners: owners.promise, write };
  }

  return async (beat) => {
    const { beats, owners, write } = open ??= openBatch();
    const owner = ownerOf(beat);
    beats.set(owner, beat);
    if (beats.size === MAX_BATCH) write();
    return (await owners).has(owner);
  };
}

async function written(
  db: Kysely<Tables>,
  beats: readonly Beat[],
): Promise<ReadonlySet<string>> {
  const names = sql.join(COLUMNS.map((name) => sql.id(name)));
  const values = sql.join(
    beats.map((beat) => sql`(${sql.join(COLUMNS.map((name) => beat[name]))})`),
  );
  const update = sql<Pick<Beat, "host_id" | "installation_id">>`
    with beat (${names}) as (values ${values})
    update hosts set version = beat.version, engine = beat.engine,
      last_heartbeat_at = beat.last_heartbeat_at, report = beat.report
    from beat
    where hosts.host_id = beat.host_id and hosts.installation_id = beat.installation_id
    returning hosts.host_id, hosts.installation_id`;
  const { rows } = await db.executeQuery(relaxedDurability(update.compile(db)));
  return new Set(rows.map(ownerOf));
}

const ownerOf = ({ host_id, installation_id }: Pick<Beat, "host_id" | "installation_id">): string =>
  `${host_id} ${installation_id}`;
