/** Reports progress on stderr: each step and how long it took. */

import { Refusal } from "./refusal.ts";

/** Steps shorter than this are shown only when they are done. */
const QUIET_MS = 300;

/** Runs one step, and shows its name when it begins and with its duration when it ends. */
export async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const begin = performance.now();
  const announce = setTimeout(() => tell(`         ${what}`), QUIET_MS);
  try {
    const value = await work();
    tell(`${secondsSince(begin)}  ${what}`);
    return value;
  } finally {
    clearTimeout(announce);
  }
}

/** Writes a result to stdout. */
export function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

/** Writes a line of progress to stderr. */
export function tell(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

function secondsSince(begin: number): string {
  return `${((performance.now() - begin) / 1000).toFixed(1).padStart(6)} s`;
}

type Values<T extends readonly Promise<unknown>[]> = {
  -readonly [K in keyof T]: Awaited<T[K]>;
};

/**
 * Awaits independent parts. An error is thrown only when all parts have ended, so that none is left halfway. A
 * {@linkcode Refusal} is thrown at once, because it comes before anything is changed.
 */
export async function together<const T extends readonly Promise<unknown>[]>(
  ...parts: T
): Promise<Values<T>> {
  try {
    return await Promise.all(parts) as Values<T>;
  } catch (error) {
    if (!(error instanceof Refusal)) await Promise.allSettled(parts);
    throw error;
  }
}
