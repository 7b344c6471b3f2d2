/** Hosts: registration, heartbeats, and whether one may run a job's agent type. */

import type { Kysely, Selectable } from "kysely";
import * as v from "valibot";
import type { AgentType } from "../../../lib/contract/agent_types.ts";
import {
  type HeartbeatBody,
  type Host,
  type HostReport,
  hostState,
  type RegisterBody,
} from "../../../lib/contract/host.ts";
import type { Clock } from "../../../lib/ports.ts";
import {
  adminKeyRequired,
  hostAlreadyRegistered,
  hostHasActiveRuns,
  hostHasJobs,
  hostNotEligible,
  hostNotRegistered,
  hostOwnedElsewhere,
  notFound,
} from "../../../lib/problems/rest.ts";
import { type Actor, type Change, changedFields, recordChange } from "../audit.ts";
import { heartbeatWriter } from "./heartbeats.ts";
import { listCursor, pageOf, type PageRequest } from "../list_cursor.ts";
import type { HostsRow, Tables } from "../tables.ts";

export interface HostStore {
  /** By id; stable while hosts come and go. Throws `invalid_input` for a foreign cursor. */
  list(page: PageRequest): Promise<{ hosts: readonly Host[]; next_cursor: string | null }>;
  /** Throws `host_not_found`. */
  get(hostId: string): Promise<Host>;
  /**
   * The owner's call updates its host; a new id, and a replaced owner, take an admin. Throws
   * `host_already_registered`, `admin_key_required`, and `host_has_active_runs` where the owner would
   * be replaced.
   */
  register(
    body: RegisterBody,
    byAdmin: boolean,
    by: Actor,
  ): Promise<{ host: Host; created: boolean }>;
  /** Throws `host_not_found`, and `host_owned_elsewhere` for another installation. */
  heartbeat(hostId: string, body: HeartbeatBody): Promise<void>;
  /**
   * Its runs stay in the history, and its id is free. Throws `host_not_found`, `host_has_active_runs`
   * and `host_has_jobs`.
   */
  remove(hostId: string, by: Actor): Promise<void>;
}

/** A refusal is for reading. */
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

    register(body, byAdmin, by) {
      return db.transaction().execute(async (step) => {
        const owner = await selectHost(step, body.host_id).forUpdate().executeTakeFirst();
        if (!owner && !byAdmin) throw adminKeyRequired(`register host "${body.host_id}"`);
        if (owner && owner.installation_id !== body.installation_id) {
          refuseTakeOver(body, byAdmin);
          const runs = await activeRunsOn(step, body.host_id);
          if (runs.length > 0) throw hostHasActiveRuns(body.host_id, runs);
        }
        const now = clock.now();
        const row = registeredRow(body, owner, now);
        // Not "on conflict": of two owners of a new id at once, the second one must be asked again.
        if (owner) {
          await step.updateTable("hosts").set(row).where("host_id", "=", row.host_id).execute();
        } else {
          await step.insertInto("hosts").values(row).execute();
        }
        await recordChange(step, {
          by,
          at: now,
          ...registration(owner, row),
          target: { kind: "host", id: row.host_id, name: row.host_id },
        });
        return { host: hostOf(row, now), created: !owner };
      });
    },

    async heartbeat(hostId, { installation_id, version, engine = null, ...body }) {
      const last_heartbeat_at = clock.now().toISOString();
      const report = JSON.stringify(reportOf(body));
      const beat = { host_id: hostId, installation_id, version, engine, last_heartbeat_at, report };
      if (await write(beat)) return;
      throw await rowOf(db, hostId) ? hostOwnedElsewhere(hostId) : notFound("host", hostId);
    },

    remove(hostId, by) {
      return db.transaction().execute(async (step) => {
        const row = await selectHost(step, hostId).forUpdate().executeTakeFirst();
        if (!row) throw notFound("host", hostId);
        const runs = await activeRunsOn(step, hostId);
        if (runs.length > 0) throw hostHasActiveRuns(hostId, runs, "remove");
        const jobs = await jobsOn(step, hostId);
        if (jobs.length > 0) throw hostHasJobs(hostId, jobs);
        await step.deleteFrom("hosts").where("host_id", "=", hostId).execute();
        await recordChange(step, {
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

/** Throws `host_not_eligible` unless the host is registered and has the agent type in its set. */
export async function requireEligibleHost(
  db: Kysely<Tables>,
  wanted: { readonly host_id: string; readonly agent_type: AgentType },
): Promise<void> {
  // Held against a new owner, not against a heartbeat.
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

function refuseTakeOver({ host_id, replace }: RegisterBody, byAdmin: boolean): void {
  if (!replace) throw hostAlreadyRegistered(host_id);
  if (!byAdmin) throw adminKeyRequired(`give host "${host_id}" to another installation`);
}

/** To be asked in the transaction that holds the host: a run that is triggered later is the new owner's. */
async function activeRunsOn(step: Kysely<Tables>, hostId: string): Promise<string[]> {
  const runs = await step.selectFrom("runs").select("id")
    .where("host_id", "=", hostId).where("ended_at", "is", null).orderBy("id").execute();
  return runs.map(({ id }) => id);
}

async function jobsOn(step: Kysely<Tables>, hostId: string): Promise<string[]> {
  const jobs = await step.selectFrom("jobs").select("id")
    .where("host_id", "=", hostId).orderBy("name").orderBy("id").limit(MOST_NAMED).execute();
  return jobs.map(({ id }) => id);
}

/** A new owner starts unseen; the same one keeps its first registration and its last heartbeat. */
function registeredRow(body: RegisterBody, owner: HostsRow | undefined, now: Date): HostsRow {
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

/** What of it stands in the audit list. */
function shownOf(row: HostsRow) {
  const { installation_id, version } = row;
  return { installation_id, managed_agents: agentsOf(row), version };
}

function agentsOf(row: Pick<HostsRow, "managed_agents">): AgentType[] {
  return JSON.parse(row.managed_agents);
}

function reportOf(
  { active_runs, disk_free_bytes, clock_skew_ms, draining, complaint }: HostReport,
): HostReport {
  return { active_runs, disk_free_bytes, clock_skew_ms, draining, complaint };
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
