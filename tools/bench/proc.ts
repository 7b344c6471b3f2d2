/** Reads what processes cost, and what the hypervisor took, from the kernel's /proc. */

import { run } from "../cli/run.ts";

/** Counts the ticks of all processors, by use. */
const COUNTERS = "/proc/stat";
/** The column of "steal" after the name "cpu" (proc(5)). The guest columns after it repeat other columns. */
const STEAL = 7;

/** Reads the resident memory of a process, in MB (10^6 bytes). */
export async function residentMb(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error(`Cannot read the resident memory of process ${pid}`);
  return Number(kib) * 1024 / 1e6;
}

/** Reads the processor time that a process has used, in seconds (proc(5): utime and stime, in ticks). */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return ticks / Number(await run(["getconf", "CLK_TCK"]));
}

/** Runs `work`. `stolen` is the share (0 to 1) of processor time that other virtual machines took meanwhile. */
export async function withSteal<T>(work: () => Promise<T>): Promise<{ value: T; stolen: number }> {
  const before = parseTicks(await Deno.readTextFile(COUNTERS));
  const value = await work();
  const after = parseTicks(await Deno.readTextFile(COUNTERS));
  const passed = after.all - before.all;
  return { value, stolen: passed === 0 ? 0 : (after.stolen - before.stolen) / passed };
}

/** Parses /proc/stat into the ticks of all processors. @throws when the line "cpu" is missing or short. */
export function parseTicks(stat: string): { readonly all: number; readonly stolen: number } {
  const columns = /^cpu +([\d ]+)$/m.exec(stat)?.[1]?.split(" ").map(Number);
  const stolen = columns?.[STEAL];
  if (columns === undefined || stolen === undefined) {
    throw new Error(`Cannot read the processors' time in ${COUNTERS}`);
  }
  return { all: columns.slice(0, STEAL + 1).reduce((sum, one) => sum + one), stolen };
}
