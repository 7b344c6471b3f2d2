/** Starts a control plane repeatedly and kills it at random moments. */

import type { ControlPlaneProcess } from "../scene/control_plane.ts";
import { delay } from "../time/wait.ts";

export interface KillPlan {
  /** Starts a process on the same data and addresses. */
  readonly spawn: () => ControlPlaneProcess;
  readonly kills: number;
  /** Returns a random number from 0 to below 1. */
  readonly random: () => number;
  /** Called after each kill with the number of kills so far. */
  readonly onKilled: (count: number) => Promise<void>;
}

export interface Killed {
  /** The last process, which answers and is not killed. */
  readonly survivor: ControlPlaneProcess;
  /** Milliseconds until an answer, of each start that was not killed. */
  readonly startsMs: readonly number[];
}

/** The share of kills that hit a start before it answers. */
const IN_START = 0.25;
/** The longest life after an answer, as a multiple of the time to answer. */
const LONGEST_LIFE = 4;
/** Exit code of a process that SIGKILL has ended. */
const KILLED_EXIT = 137;
const SHOWN_OF_LOG = 4_000;
/** The control plane needs this long to create its tables, keys and first user. */
const FIRST_START_MS = 300;

/** Kills starts on an empty folder, after the database file exists. */
export async function killFirstStarts(
  { spawn, kills, random, database }: Omit<KillPlan, "onKilled"> & { readonly database: string },
): Promise<void> {
  for (let count = 1; count <= kills; count++) {
    const plane = spawn();
    await using _process = plane.process;
    await plane.process.ready(database, () => Deno.stat(database).then(() => true, () => false));
    await delay(random() * FIRST_START_MS).done;
    await killed(plane);
  }
}

/** Starts and kills the control plane. @throws when a process ends by itself, or does not answer in time. */
export async function killRepeatedly(
  { spawn, kills, random, onKilled }: KillPlan,
): Promise<Killed> {
  const startsMs: number[] = [];
  for (let count = 1; count <= kills; count++) {
    const plane = spawn();
    await using _process = plane.process;
    const lastStart = startsMs.at(-1);
    // The first start is not killed, because it shows how long a start takes.
    if (lastStart !== undefined && random() < IN_START) await delay(random() * lastStart).done;
    else {
      const start = await timeToAnswer(plane);
      startsMs.push(start);
      await delay(random() * LONGEST_LIFE * start).done;
    }
    plane.process.kill("SIGKILL");
    const code = await plane.process.ended;
    if (code !== KILLED_EXIT) {
      throw new Error(`The control plane has ended by itself: exit ${code}`);
    }
    await onKilled(count);
  }
  const survivor = spawn();
  try {
    startsMs.push(await timeToAnswer(survivor));
    return { survivor, startsMs };
  } catch (error) {
    await survivor.process[Symbol.asyncDispose]();
    throw error;
  }
}

async function timeToAnswer(plane: ControlPlaneProcess): Promise<number> {
  const before = performance.now();
  await plane.answering();
  return performance.now() - before;
}

async function killed({ process, logFile }: ControlPlaneProcess): Promise<void> {
  process.kill("SIGKILL");
  const code = await process.ended;
  if (code === KILLED_EXIT) return;
  const words = (await Deno.readTextFile(logFile)).slice(-SHOWN_OF_LOG);
  throw new Error(`The control plane has ended by itself, exit ${code}\n${words}`);
}

/** Generates numbers from 0 to below 1, the same for the same seed (Mulberry32). Not for secrets. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
