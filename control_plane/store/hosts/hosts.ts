/** Hosts: registration, heartbeats, removal, and which agent types a host may run. */

import type { Kysely, Selectable } from "kysely";
import * as v from "valibot";
import type { AgentType } from "../../../lib/contract/agent_types.ts";
import {
  type Heartbeat,
  type Host,
  hostState,
  type ManagedAgent,
  NO_INSTALLATION,
  type Registration,
} from "../../../lib/contract/host.ts";
import type { Clock } from "../../../lib/ports.ts";
import { adminKeyRequired, notFound } from "../../../lib/problems/rest.ts";
import {
  hostAlreadyRegistered,
  hostHasActiveRuns,
  hostHasJobs,
  hostNotEligible,
  hostNotRegistered,
  hostOwnedElsewhere,
} from "../../../lib/problems/records.ts";
import { type Actor, type Change, changedFields, recordChange } from "../audit.ts";
import { heartbeatWriter } from "./heartbeats.ts";
import { listCursor, pageOf, type PageRequest } from "../list_cursor.ts";
import type { HostsRow, Tables } from "../tables.ts";

/** A registration; a client that knows only Bigeye's published call names no installation. */
export interface HostClaim extends Omit<Registration, "installation_id"> {
  readonly installation_id: string | undefined;
}

export interface HostStore {
  /**
   * Lists hosts by id; pages stay stable while hosts are added and removed.
   * @throws `invalid_input` for a cursor of another list.
   */
  list(page: PageRequest): Promise<{ hosts: readonly Host[]; next_cursor: string | null }>;
  /** @throws `host_not_found`. */
  get(hostId: string): Promise<Host>;
  /**
   * Registers a host or updates it. The owning installation may update its host with an agent key; a
   * new id, a claim without an installation, or replacing the owner needs an admin. A claim without an
   * installation leaves the owner as it is.
   * @throws `host_already_registered`, `admin_key_required`, and `host_has_active_runs` when the owner
   * would be replaced.
   */
  register(
    claim: HostClaim,
    byAdmin: boolean,
    by: Actor,
  ): Promise<{ host: Host; created: boolean }>;
  /** @throws `host_not_found`, and `host_owned_elsewhere` if another installation owns the host. */
  heartbeat(hostId: string, beat: Heartbeat): Promise<void>;
  /**
   * Removes a host and frees its id; its runs stay in the history.
   * @throws `host_not_found`, `host_has_active_runs`, `host_has_jobs`.
   */
  remove(hostId: string, by: Actor): Promise<void>;
}

/** How many ids a refusal lists at most, so that a person can read it. */
const MOST_NAMED = 100;

const CURSOR = listCursor("hosts", v.strictTuple([v.string()]));

export function hostStore(db: Kysely<Tables>, clock: Clock): HostStore {
  const write = heartbeatWriter(db, clock);

  return {
    async list({ limit, cursor }) {
      let query = db.selectFrom("hosts").selectAll();
      if (cursor !== undefined) query = query.where("host_id", ">", CURSOR.placeOf(cursor)[0]);
      const rows = await query.orderBy("host_id").limit(limit + 1).execute();
      const after = ({ host_id }: HostsRow) => CURSOR.after([host_id]);
      const { page, next_cursor } = pageOf(rows, { limit, after });
      return { hosts: page.map((row) => hostOf(row, clock.now())), next_cursor };
    },

    async get(hostId) {
      const row = await rowOf(db, hostId);
      if (!row) throw notFound("host", hostId);
      return hostOf(row, clock.now());
    },

    register(claim, byAdmin, by) {
      const { host_id } = claim;
      return db.transaction().execute(async (trx) => {
        const owner = await selectHost(trx, host_id).forUpdate().executeTakeFirst();
        const ownedBy = owner?.installation_id ?? NO_INSTALLATION;
        const installation_id = claim.installation_id ?? ownedBy;
        if (!byAdmin && (ownedBy === NO_INSTALLATION || claim.installation_id === undefined)) {
          throw adminKeyRequired(`register host "${host_id}"`);
        }
        if (ownedBy !== NO_INSTALLATION && ownedBy !== installation_id) {
          refuseTakeOver(claim, byAdmin);
          const runs = await activeRunsOn(trx, host_id);
          if (runs.length > 0) throw hostHasActiveRuns(host_id, runs);
        }
        const now = clock.now();
        const row = registeredRow({ ...claim, installation_id }, owner, now);
        // No "on conflict": when two installations register a new id at once, the second must be checked again.
        if (owner) {
          await trx.updateTable("hosts").set(row).where("host_id", "=", row.host_id).execute();
        } else {
          await trx.insertInto("hosts").values(row).execute();
        }
        await recordChange(trx, {
          by,
          at: now,
          ...registration(owner, row),
          target: { kind: "host", id: row.host_id, name: row.host_id },
        });
        return { host: hostOf(row, now), created: !owner };
      });
    },

    async heartbeat(hostId, { installation_id, version, engine = null, report: told }) {
      const last_heartbeat_at = clock.now().toISOString();
      const report = JSON.stringify(told);
      const beat = { host_id: hostId, installation_id, version, engine, last_heartbeat_at, report };
      if (await write(beat)) return;
      throw await rowOf(db, hostId) ? hostOwnedElsewhere(hostId) : notFound("host", hostId);
    },

    remove(hostId, by) {
      return db.transaction().execute(async (trx) => {
        const row = await selectHost(trx, hostId).forUpdate().executeTakeFirst();
        if (!row) throw notFound("host", hostId);
        const runs = await activeRunsOn(trx, hostId);
        if (runs.length > 0) throw hostHasActiveRuns(hostId, runs, "remove");
        const jobs = await jobsOn(trx, hostId);
        if (jobs.length > 0) throw hostHasJobs(hostId, jobs);
        await trx.deleteFrom("hosts").where("host_id", "=", hostId).execute();
        await recordChange(trx, {
          by,
          at: clock.now(),
          action: "host.remove",
          target: { kind: "host", id: hostId, name: hostId },
          details: shownOf(row),
        });
      });
    },
  };
}

/** @throws `host_not_eligible` unless the host is registered and its agent set includes the type. */
export async function requireEligibleHost(
  db: Kysely<Tables>,
  wanted: { readonly host_id: string; readonly agent_type: AgentType },
): Promise<void> {
  // Blocks a change of owner until the transaction ends, but not a heartbeat.
  const row = await selectHost(db, wanted.host_id).forKeyShare().executeTakeFirst();
  if (!row) throw hostNotRegistered(wanted.host_id);
  if (agentsOf(row).includes(wanted.agent_type)) return;
  throw hostNotEligible(wanted.host_id, wanted.agent_type);
}

function rowOf(db: Kysely<Tables>, hostId: string): Promise<Selectable<HostsRow> | undefined> {
  return selectHost(db, hostId).executeTakeFirst();
}

function selectHost(db: Kysely<Tables>, hostId: string) {
  return db.selectFrom("hosts").selectAll().where("host_id", "=", hostId);
}

function refuseTakeOver({ host_id, replace }: HostClaim, byAdmin: boolean): void {
  if (!replace) throw hostAlreadyRegistered(host_id);
  if (!byAdmin) throw adminKeyRequired(`give host "${host_id}" to another installation`);
}

/** Call it in the transaction that locks the host: runs triggered later belong to the new owner. */
async function activeRunsOn(trx: Kysely<Tables>, hostId: string): Promise<string[]> {
  const runs = await trx.selectFrom("runs").select("id")
    .where("host_id", "=", hostId).where("ended_at", "is", null).orderBy("id").execute();
  return runs.map(({ id }) => id);
}

async function jobsOn(trx: Kysely<Tables>, hostId: string): Promise<string[]> {
  const jobs = await trx.selectFrom("jobs").select("id")
    .where("host_id", "=", hostId).orderBy("name").orderBy("id").limit(MOST_NAMED).execute();
  return jobs.map(({ id }) => id);
}

/** A new owner starts without a heartbeat; the same owner keeps its registration time and heartbeat. */
function registeredRow(body: Registration, owner: HostsRow | undefined, now: Date): HostsRow {
  const kept = owner?.installation_id === body.installation_id ? owner : undefined;
  return {
    host_id: body.host_id,
    installation_id: body.installation_id,
    managed_agents: JSON.stringify([...new Set(body.managed_agents)].toSorted()),
    version: body.version,
    engine: kept?.engine ?? null,
    registered_at: kept?.registered_at ?? now.toISOString(),
    last_heartbeat_at: kept?.last_heartbeat_at ?? null,
    report: kept?.report ?? null,
  };
}

function registration(
  owner: HostsRow | undefined,
  row: HostsRow,
): Pick<Change, "action" | "details"> {
  const shown = shownOf(row);
  if (!owner) return { action: "host.register", details: shown };
  const details = changedFields(shownOf(owner), shown);
  const isSame = owner.installation_id === row.installation_id;
  return { action: isSame ? "host.update" : "host.replace", details };
}

/** The fields that the audit list records. */
function shownOf(row: HostsRow) {
  const { installation_id, version } = row;
  return { installation_id, managed_agents: agentsOf(row), version };
}

function agentsOf(row: Pick<HostsRow, "managed_agents">): ManagedAgent[] {
  return JSON.parse(row.managed_agents);
}

function hostOf(row: HostsRow, now: Date): Host {
  const { last_heartbeat_at } = row;
  const report = row.report === null ? null : JSON.parse(row.report);
  return {
    host_id: row.host_id,
    installation_id: row.installation_id,
    managed_agents: agentsOf(row),
    version: row.version,
    engine: row.engine,
    state: hostState({ last_heartbeat_at, report }, now),
    registered_at: row.registered_at,
    last_heartbeat_at,
    report,
  };
}
