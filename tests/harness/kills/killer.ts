/** Keeps a control plane running and kills it again and again, at moments that nobody can foresee. */

import type { ControlPlaneProcess } from "../scene/control_plane.ts";
import { delay } from "../scene/wait.ts";

export interface KillPlan {
  /** Starts it anew, on the same data and addresses. */
  readonly spawn: () => ControlPlaneProcess;
  readonly kills: number;
  /** Chance, from 0 to below 1. */
  readonly random: () => number;
  /** Called after each, with how many there were. */
  readonly onKilled: (count: number) => Promise<void>;
}

export interface Killed {
  /** Answers, and is left alone. */
  readonly survivor: ControlPlaneProcess;
  /** From each start that was let through until it answered. */
  readonly startsMs: readonly number[];
}

/** So many of the kills hit a start before it answers; the others come at most so many starts after it. */
const IN_START = 0.25;
const LONGEST_LIFE = 4;
/** Of a process that SIGKILL has ended. */
const KILLED_EXIT = 137;
const SHOWN_OF_LOG = 4_000;
/** While it makes its tables, its keys and its first user. */
const FIRST_START_MS = 300;

/** Kills the first starts on an empty folder, from the moment on that the store's file is there. */
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

/** @throws when a process ends by itself, or a start never answers. */
export async function killAgainAndAgain(
  { spawn, kills, random, onKilled }: KillPlan,
): Promise<Killed> {
  const startsMs: number[] = [];
  for (let count = 1; count <= kills; count++) {
    const plane = spawn();
    await using _process = plane.process;
    const usual = startsMs.at(-1);
    // The first is let through, so that it is known how long a start takes here.
    if (usual !== undefined && random() < IN_START) await delay(random() * usual).done;
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

/** Numbers from 0 to below 1, the same ones for the same seed (Mulberry32); nothing for secrets. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
