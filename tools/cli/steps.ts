/** Says on stderr what is being done and how long it took, so that nobody waits in the dark. */

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
