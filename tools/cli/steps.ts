/** Reports progress on stderr: what is being done and how long it took. */

import { Refusal } from "./refusal.ts";

/** Shorter steps are told once, when they are done. */
const QUIET_MS = 300;

/** Does one step; its name is told again with its duration. A failure passes through. */
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

/** A result, on stdout. */
export function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

/** One line for the person who waits. */
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
 * Awaits independent parts. A failure is told once all have ended, so that none is left halfway; a
 * refusal at once, as it comes before anything is changed.
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
