/** A caller that uses the control plane while it is killed: triggers, cancels, edits jobs, creates keys. */

import * as v from "valibot";
import type { Job } from "../../../lib/contract/job.ts";
import { KeyListSchema } from "../../../lib/contract/users.ts";
import { type Rest, RestError } from "../scene/rest.ts";
import { delay } from "../time/wait.ts";
import type { Ledger } from "./evidence.ts";

export interface CallerNeeds {
  /** Uses a separate key, because keys have a rate limit. */
  readonly rest: Rest;
  /** Jobs that no other caller changes or triggers. */
  readonly jobs: readonly Job[];
  readonly ledger: Ledger;
  /** Returns a random number from 0 to below 1. */
  readonly random: () => number;
}

/** The caller's view of a job. */
interface Known {
  readonly id: string;
  version: number;
  /** The run that the caller triggered and has not seen ended. */
  run: string | undefined;
}

const LONGEST_PAUSE_MS = 60;
const KEYS = "/api/v1/agent-api-keys";

/** Makes random calls until the signal aborts, and completes the call that was begun. */
export async function callUntil(stop: AbortSignal, needs: CallerNeeds): Promise<void> {
  const { jobs, random, ledger } = needs;
  const known = jobs.map(({ id, version }): Known => ({ id, version, run: undefined }));
  while (!stop.aborted) {
    const job = known[Math.floor(random() * known.length)];
    if (!job) throw new Error("Cannot call without jobs");
    try {
      await act(job, needs);
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      ledger.wrongAnswers.push(`job ${job.id}, run ${job.run ?? "none"}: ${error.message}`);
    }
    await delay(random() * LONGEST_PAUSE_MS).done;
  }
}

async function act(job: Known, needs: CallerNeeds): Promise<void> {
  const chance = needs.random();
  if (chance < 0.05) return await makeAndRemoveKey(needs);
  if (chance < 0.2) return await edit(job, needs);
  if (job.run === undefined) return await trigger(job, needs);
  const { ended_at } = await retryUntilAnswered(() => needs.rest.run(job.run ?? ""));
  if (ended_at !== null) job.run = undefined;
  else if (chance < 0.5) await cancel(job.run, needs);
}

/** Sometimes sends the trigger twice, like a client that lost the answer. */
async function trigger(job: Known, { rest, ledger, random }: CallerNeeds): Promise<void> {
  const key = { idempotencyKey: crypto.randomUUID() };
  const { id } = await retryUntilAnswered(() => rest.trigger(job.id, key));
  ledger.triggered.add(id);
  job.run = id;
  if (random() >= 0.1) return;
  const again = await retryUntilAnswered(() => rest.trigger(job.id, key));
  if (again.id !== id) {
    ledger.wrongAnswers.push(`run ${again.id}: its Idempotency-Key was that of ${id}`);
  }
}

export async function cancel(
  runId: string,
  { rest, ledger }: Pick<CallerNeeds, "rest" | "ledger">,
): Promise<void> {
  ledger.cancelsSent.add(runId);
  try {
    await retryUntilAnswered(() => rest.cancel(runId));
    ledger.cancelsAccepted.add(runId);
  } catch (error) {
    if (!(error instanceof RestError) || error.code !== "run_not_active") throw error;
  }
}

/** Edits the known version. On a conflict the newer version must be this very change. */
async function edit(job: Known, { rest, ledger }: CallerNeeds): Promise<void> {
  const { id, version: ifVersion } = job;
  const name = `Change ${ifVersion} of ${id}`;
  const changed = await retryUntilAnswered(() => rest.editJob(id, { name }, { ifVersion }))
    .catch((error: unknown) => {
      if (!(error instanceof RestError) || error.code !== "version_conflict") throw error;
      return retryUntilAnswered(() => rest.job(id));
    });
  if (changed.version !== ifVersion + 1 || changed.name !== name) {
    ledger.wrongAnswers.push(
      `job ${id}: version ${changed.version}, "${changed.name}" after "${name}"`,
    );
  }
  job.version = changed.version;
  ledger.names.set(id, [...ledger.names.get(id) ?? [], name]);
}

/** Looks for the key before it is created again, because an unanswered call may have created it. */
async function makeAndRemoveKey({ rest, ledger }: CallerNeeds): Promise<void> {
  const name = `Key ${crypto.randomUUID()}`;
  const find = async () => {
    const { keys } = v.parse(KeyListSchema, await rest.call("GET", KEYS));
    return keys.find((key) => key.name === name)?.id;
  };
  const id = await retryUntilAnswered(async () => {
    const known = await find();
    if (known !== undefined) return known;
    await rest.createAgentKey(name);
    return await find();
  });
  if (id === undefined) {
    return void ledger.wrongAnswers.push(`key "${name}": created, but not listed`);
  }
  await retryUntilAnswered(() => rest.call("DELETE", `${KEYS}/${id}`)).catch((error: unknown) => {
    if (!(error instanceof RestError) || error.code !== "api_key_not_found") throw error;
  });
  ledger.keysRemoved.add(id);
}

const PAUSE_MS = 50;
const LIMIT_MS = 60_000;

/**
 * Repeats the call while its connection breaks, because it is then unknown whether the call was done.
 * @throws the error of an answer, and the last broken connection after a minute.
 */
export async function retryUntilAnswered<T>(call: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isBroken(error) || performance.now() > deadline) throw error;
    }
    await delay(PAUSE_MS).done;
  }
}

/** `fetch` rejects with a TypeError when the connection fails, and with a DOMException on a timeout. */
const isBroken = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof DOMException;
