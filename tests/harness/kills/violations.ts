/** Compares the answers to callers, the work of hosts and the records with each other. */

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

/** Finds runs that were lost, doubled, stuck or recorded wrongly. Each line names its run. */
export function runViolations({ ledger, hosts, runs }: Evidence): readonly string[] {
  const shown = new Set(runs.map(({ id }) => id));
  return [
    ...ledger.wrongAnswers,
    ...[...ledger.triggered].filter((id) => !shown.has(id)).map((id) => `run ${id}: lost`),
    ...hosts.flatMap(({ given }) =>
      [...given].flatMap(([id, times]) => [
        ...(times > 1 ? [`run ${id}: given to its host ${times} times`] : []),
        ...(shown.has(id) ? [] : [`run ${id}: given to its host, but not recorded`]),
      ])
    ),
    ...hosts.flatMap(({ overlapping }) =>
      overlapping.map((id) => `run ${id}: begun while another run of its job was active`)
    ),
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
  if (!ledger.triggered.has(id)) return "no caller triggered it";
  if (ended_at === null) return `stuck, ${status}`;
  const outcomes = hosts.flatMap(({ ended }) => ended.get(id) ?? []);
  if (outcomes.length > 1) return "it ended on two hosts";
  const recorded = JSON.stringify([status, exit_code, ended_at]);
  const [truth] = outcomes;
  if (truth) {
    const reported = JSON.stringify([truth.status, truth.exit_code ?? null, truth.ended_at]);
    return reported === recorded
      ? undefined
      : `its host reported ${reported}, the record is ${recorded}`;
  }
  const isCanceled = status === "canceled" && ledger.cancelsSent.has(id);
  return isCanceled ? undefined : `never begun, but recorded as ${status} (${reason}): ${message}`;
}

/** Finds changes without audit row, audit rows without change, and torn or lost writes. */
export function writeViolations({ ledger, runs, rows }: Evidence): readonly string[] {
  const { names, cancelsAccepted, keysRemoved } = ledger;
  const canceled = rows.runs.filter((run) => run.cancel_requested_at !== null).map(({ id }) => id);
  const removed = rows.audit.filter(({ action }) => action === "key.remove")
    .map(({ target_id }) => target_id);
  const expected = [
    ...rows.runs.map(({ id }) => `run.trigger ${id}`),
    ...canceled.map((id) => `run.cancel ${id}`),
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
    ...without(rows.jobs, kept).map(({ id }) => `job ${id}: differs from its last change`),
    ...without([...cancelsAccepted], canceled).map((id) => `run ${id}: its cancel was lost`),
    ...rows.keys.filter((id) => keysRemoved.has(id)).map((id) =>
      `key ${id}: removed, but still there`
    ),
  ];
}

const KEPT_ACTIONS = /^(run|job|key)\./;

function auditLine({ action, target_id, target_name }: StoredRows["audit"][number]): string[] {
  if (!KEPT_ACTIONS.test(action)) return [];
  return [`${action} ${target_id}${action === "job.update" ? ` ${target_name}` : ""}`];
}

/** Lists the elements that one of two lists has more often than the other. */
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
