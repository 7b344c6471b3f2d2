/** Heartbeats of a moment are written in one statement: a thousand hosts send a hundred a second. */

import { type Kysely, sql } from "kysely";
import type { Clock } from "../../../lib/ports.ts";
import type { HostsRow, Tables } from "../tables.ts";
import { unflushed } from "../sqlite/sqlite.ts";

/** A host's row as its owner's heartbeat leaves it. */
export type Beat = Pick<HostsRow, typeof COLUMNS[number]>;

/** Resolves when it is written, with whether the host is registered to that installation. */
export type WriteBeat = (beat: Beat) => Promise<boolean>;

const COLUMNS = [
  "host_id",
  "installation_id",
  "version",
  "engine",
  "last_heartbeat_at",
  "report",
] as const;
/** No page shows a host's age more exactly; a host waits for the answer at its start and stop only. */
const GATHER_MS = 100;
/** Each number of them is a text of its own, which SQLite keeps prepared. */
const MOST = 50;

interface Batch {
  readonly beats: Map<string, Beat>;
  /** The owners among them. */
  readonly owners: Promise<ReadonlySet<string>>;
  write(): void;
}

export function heartbeatWriter(db: Kysely<Tables>, clock: Clock): WriteBeat {
  let gathering: Batch | undefined;

  function gather(): Batch {
    const beats = new Map<string, Beat>();
    const owners = Promise.withResolvers<ReadonlySet<string>>();
    const write = () => {
      cancel();
      gathering = undefined;
      owners.resolve(written(db, [...beats.values()]));
    };
    const cancel = clock.after(GATHER_MS, write);
    return { beats, owners: owners.promise, write };
  }

  return async (beat) => {
    const { beats, owners, write } = gathering ??= gather();
    const owner = ownerOf(beat);
    beats.set(owner, beat);
    if (beats.size === MOST) write();
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
  const { rows } = await db.executeQuery(unflushed(update.compile(db)));
  return new Set(rows.map(ownerOf));
}

const ownerOf = ({ host_id, installation_id }: Pick<Beat, "host_id" | "installation_id">): string =>
  `${host_id} ${installation_id}`;
