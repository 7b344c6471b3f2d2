/** One of those who use the control plane while it is killed: triggers, cancels, edits, makes keys. */

import * as v from "valibot";
import type { Job } from "../../../lib/contract/job.ts";
import { KeyListSchema } from "../../../lib/contract/rest.ts";
import { type Rest, RestError } from "../scene/rest.ts";
import { delay } from "../scene/wait.ts";
import type { Ledger } from "./evidence.ts";

export interface CallerNeeds {
  /** With a key of its own, as keys have a rate. */
  readonly rest: Rest;
  /** Its own: nobody else changes or triggers them. */
  readonly jobs: readonly Job[];
  readonly ledger: Ledger;
  /** Chance, from 0 to below 1. */
  readonly random: () => number;
}

/** What a caller remembers of a job. */
interface Known {
  readonly id: string;
  version: number;
  /** The run that it has triggered and not seen ended. */
  run: string | undefined;
}

const LONGEST_PAUSE_MS = 60;
const KEYS = "/api/v1/agent-api-keys";

/** Goes on until the signal aborts; what it has begun by then it brings to its end. */
export async function callUntil(over: AbortSignal, needs: CallerNeeds): Promise<void> {
  const { jobs, random, ledger } = needs;
  const known = jobs.map(({ id, version }): Known => ({ id, version, run: undefined }));
  while (!over.aborted) {
    const job = known[Math.floor(random() * known.length)];
    if (!job) throw new Error("Cannot call without jobs");
    try {
      await act(job, needs);
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      ledger.wrong.push(`job ${job.id}, run ${job.run ?? "none"}: ${error.message}`);
    }
    await delay(random() * LONGEST_PAUSE_MS).done;
  }
}

async function act(job: Known, needs: CallerNeeds): Promise<void> {
  const chance = needs.random();
  if (chance < 0.05) return await makeAndRemoveKey(needs);
  if (chance < 0.2) return await edit(job, needs);
  if (job.run === undefined) return await trigger(job, needs);
  const { ended_at } = await insisting(() => needs.rest.run(job.run ?? ""));
  if (ended_at !== null) job.run = undefined;
  else if (chance < 0.5) await cancel(job.run, needs);
}

/** Asks once more now and then, as one does who has not heard the answer. */
async function trigger(job: Known, { rest, ledger, random }: CallerNeeds): Promise<void> {
  const key = { idempotencyKey: crypto.randomUUID() };
  const { id } = await insisting(() => rest.trigger(job.id, key));
  ledger.triggered.add(id);
  job.run = id;
  if (random() >= 0.1) return;
  const again = await insisting(() => rest.trigger(job.id, key));
  if (again.id !== id) ledger.wrong.push(`run ${again.id}: its Idempotency-Key was that of ${id}`);
}

export async function cancel(
  runId: string,
  { rest, ledger }: Pick<CallerNeeds, "rest" | "ledger">,
): Promise<void> {
  ledger.cancelsAsked.add(runId);
  try {
    await insisting(() => rest.cancel(runId));
    ledger.cancelsTaken.add(runId);
  } catch (error) {
    if (!(error instanceof RestError) || error.code !== "run_not_active") throw error;
  }
}

/** For the version it knows: where that has passed, it must be by this very change. */
async function edit(job: Known, { rest, ledger }: CallerNeeds): Promise<void> {
  const { id, version: ifVersion } = job;
  const name = `Change ${ifVersion} of ${id}`;
  const changed = await insisting(() => rest.editJob(id, { name }, { ifVersion }))
    .catch((error: unknown) => {
      if (!(error instanceof RestError) || error.code !== "version_conflict") throw error;
      return insisting(() => rest.job(id));
    });
  if (changed.version !== ifVersion + 1 || changed.name !== name) {
    ledger.wrong.push(`job ${id}: version ${changed.version}, "${changed.name}" after "${name}"`);
  }
  job.version = changed.version;
  ledger.names.set(id, [...ledger.names.get(id) ?? [], name]);
}

/** A key whose making nobody has confirmed may be there: it is looked for before another is made. */
async function makeAndRemoveKey({ rest, ledger }: CallerNeeds): Promise<void> {
  const name = `Key ${crypto.randomUUID()}`;
  const find = async () => {
    const { keys } = v.parse(KeyListSchema, await rest.call("GET", KEYS));
    return keys.find((key) => key.name === name)?.id;
  };
  const id = await insisting(async () => {
    const known = await find();
    if (known !== undefined) return known;
    await rest.createAgentKey(name);
    return await find();
  });
  if (id === undefined) return void ledger.wrong.push(`key "${name}": made, and not there`);
  await insisting(() => rest.call("DELETE", `${KEYS}/${id}`)).catch((error: unknown) => {
    if (!(error instanceof RestError) || error.code !== "api_key_not_found") throw error;
  });
  ledger.keysRemoved.add(id);
}

const PAUSE_MS = 50;
const PATIENCE_MS = 60_000;

/** Repeats the call when no answer came; an answer that is a refusal is thrown. */
export async function insisting<T>(call: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isBroken(error) || performance.now() > deadline) throw error;
    }
    await delay(PAUSE_MS).done;
  }
}

/** `fetch` rejects with a TypeError where the connection fails, with a DOMException where it is late. */
const isBroken = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof DOMException;
