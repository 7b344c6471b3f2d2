/** Holds what was promised, what the hosts did and what is on record against each other. */

import type { Run } from "../../../lib/contract/run.ts";
import type { Ledger, StoredRows } from "./evidence.ts";
import type { HostRecord } from "./stand_in_host.ts";

export interface Evidence {
  readonly ledger: Ledger;
  readonly hosts: readonly HostRecord[];
  /** All runs, as REST shows them. */
  readonly runs: readonly Run[];
  readonly rows: StoredRows;
}

/** Runs that were lost, doubled, stuck or lied about; each line names its run. */
export function runViolations({ ledger, hosts, runs }: Evidence): readonly string[] {
  const shown = new Set(runs.map(({ id }) => id));
  return [
    ...ledger.wrong,
    ...[...ledger.triggered].filter((id) => !shown.has(id)).map((id) => `run ${id}: lost`),
    ...hosts.flatMap(({ given }) =>
      [...given].flatMap(([id, times]) => [
        ...(times > 1 ? [`run ${id}: given to its host ${times} times`] : []),
        ...(shown.has(id) ? [] : [`run ${id}: given to its host, and not on record`]),
      ])
    ),
    ...hosts.flatMap(({ beside }) => beside.map((id) => `run ${id}: begun beside another one`)),
    ...runs.flatMap((run) => {
      const fault = faultOf(run, { ledger, hosts });
      return fault === undefined ? [] : [`run ${run.id} of job ${run.job_id}: ${fault}`];
    }),
  ];
}

function faultOf(
  { id, status, reason, message, exit_code, ended_at }: Run,
  { ledger, hosts }: Pick<Evidence, "ledger" | "hosts">,
): string | undefined {
  if (!ledger.triggered.has(id)) return "nobody was told of it";
  if (ended_at === null) return `stuck, ${status}`;
  const said = hosts.flatMap(({ ended }) => ended.get(id) ?? []);
  if (said.length > 1) return "it has ended on two hosts";
  const recorded = JSON.stringify([status, exit_code, ended_at]);
  const [truth] = said;
  if (truth) {
    const told = JSON.stringify([truth.status, truth.exit_code ?? null, truth.ended_at]);
    return told === recorded ? undefined : `its host says ${told}, the record ${recorded}`;
  }
  const isCalledOff = status === "canceled" && ledger.cancelsAsked.has(id);
  return isCalledOff
    ? undefined
    : `never begun, and on record as ${status} (${reason}): ${message}`;
}

/** Changes without their audit row, rows without a change, and what is torn. */
export function writeViolations({ ledger, runs, rows }: Evidence): readonly string[] {
  const { names, cancelsTaken, keysRemoved } = ledger;
  const wished = rows.runs.filter((run) => run.cancel_requested_at !== null).map(({ id }) => id);
  const removed = rows.audit.filter(({ action }) => action === "key.remove")
    .map(({ target_id }) => target_id);
  const expected = [
    ...rows.runs.map(({ id }) => `run.trigger ${id}`),
    ...wished.map((id) => `run.cancel ${id}`),
    ...rows.jobs.map(({ id }) => `job.create ${id}`),
    ...[...names].flatMap(([id, given]) => given.map((name) => `job.update ${id} ${name}`)),
    ...[...new Set([...rows.keys, ...removed])].map((id) => `key.create ${id}`),
    ...[...keysRemoved].map((id) => `key.remove ${id}`),
  ];
  const kept = rows.jobs.filter(({ id, name, version }) => {
    const given = names.get(id) ?? [];
    return version === given.length + 1 && (given.length === 0 || name === given.at(-1));
  });
  const line = ({ id, status, ended_at }: StoredRows["runs"][number]) =>
    `run ${id} ${status} ${ended_at}`;
  return [
    ...rows.faults.map((fault) => `SQLite: ${fault}`),
    ...differences(expected, rows.audit.flatMap(auditLine)).map((what) => `audit: ${what}`),
    ...differences(runs.map(line), rows.runs.map(line)).map((what) => `store: ${what}`),
    ...without(rows.jobs, kept).map(({ id }) => `job ${id}: not as its last change left it`),
    ...without([...cancelsTaken], wished).map((id) => `run ${id}: its cancel was lost`),
    ...rows.keys.filter((id) => keysRemoved.has(id)).map((id) => `key ${id}: removed, and there`),
  ];
}

const KEPT_ACTIONS = /^(run|job|key)\./;

function auditLine({ action, target_id, target_name }: StoredRows["audit"][number]): string[] {
  if (!KEPT_ACTIONS.test(action)) return [];
  return [`${action} ${target_id}${action === "job.update" ? ` ${target_name}` : ""}`];
}

/** What is in one of two lists more often than in the other. */
function differences(expected: readonly string[], found: readonly string[]): readonly string[] {
  const surplus = new Map<string, number>();
  for (const line of found) surplus.set(line, (surplus.get(line) ?? 0) + 1);
  for (const line of expected) surplus.set(line, (surplus.get(line) ?? 0) - 1);
  return [...surplus].flatMap(([line, count]) =>
    count === 0 ? [] : [count < 0 ? `missing: ${line}` : `${count} too many: ${line}`]
  );
}

function without<T>(all: readonly T[], some: readonly T[]): readonly T[] {
  const known = new Set(some);
  return all.filter((one) => !known.has(one));
}
