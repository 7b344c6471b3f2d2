/** What a virtual machine did not get: the host's processors ran somebody else although it had work. */

/** Where the kernel counts the ticks of all processors, by what they went to. */
const COUNTERS = "/proc/stat";
/** The column of "steal" behind the name "cpu" (proc(5)); the guests' after it are part of the others. */
const STEAL = 7;

/** Does the work; `stolen` is the share of the processors' time meanwhile, 0 to 1, that others had. */
export async function withSteal<T>(work: () => Promise<T>): Promise<{ value: T; stolen: number }> {
  const before = ticks(await Deno.readTextFile(COUNTERS));
  const value = await work();
  const after = ticks(await Deno.readTextFile(COUNTERS));
  const passed = after.all - before.all;
  return { value, stolen: passed === 0 ? 0 : (after.stolen - before.stolen) / passed };
}

/** @throws when the text is not the kernel's. */
export function ticks(stat: string): { readonly all: number; readonly stolen: number } {
  const columns = /^cpu +([\d ]+)$/m.exec(stat)?.[1]?.split(" ").map(Number);
  const stolen = columns?.[STEAL];
  if (columns === undefined || stolen === undefined) {
    throw new Error(`Cannot read the processors' time in ${COUNTERS}`);
  }
  return { all: columns.slice(0, STEAL + 1).reduce((sum, one) => sum + one), stolen };
}
