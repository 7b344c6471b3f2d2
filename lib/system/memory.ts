/** Keeps a service small: gives back the memory that only the start of the program needed. */

import type { Clock } from "../ports.ts";

const EVERY_MS = 30_000;

export interface KeepSmallNeeds {
  readonly clock: Pick<Clock, "sleep">;
  /** Gives back memory that the process does not need; must be cheap and never throw. */
  readonly releaseMemory: () => void;
}

/** Runs `work`, and releases memory every 30 s until it has settled. */
export async function keepSmall<T>(
  { clock, releaseMemory }: KeepSmallNeeds,
  work: () => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const { signal } = over;
  async function keepReleasing(): Promise<void> {
    for (;;) {
      await clock.sleep(EVERY_MS, signal).catch(() => {});
      if (signal.aborted) return;
      releaseMemory();
    }
  }
  const releasing = keepReleasing();
  try {
    return await work();
  } finally {
    over.abort();
    await releasing;
  }
}

/** Entries of the auxiliary vector (getauxval(3)): the address of the program headers, and their number. */
const AT_PHDR = 3n;
const AT_PHNUM = 5n;
/** Constants of program headers (elf(5)): their size, two types, and the flag of a writable segment. */
const PHDR_BYTES = 56;
const PT_LOAD = 1;
const PT_PHDR = 6;
const PF_W = 2;
const MADV_DONTNEED = 4;
const PAGE_BYTES = 4096n;

/** A read-only part of the program in memory. */
interface Part {
  readonly address: bigint;
  readonly bytes: bigint;
}

/**
 * Drops the pages of the executable's read-only parts from this process. A page that is used again is mapped
 * from the kernel's page cache in microseconds. The rest, 40 MB that only the start needed, stays unmapped.
 * Does nothing on a machine where it is not possible.
 */
export function releaseProgramPages(): void {
  let libc;
  try {
    libc = Deno.dlopen("libc.so.6", {
      getauxval: { parameters: ["u64"], result: "u64" },
      madvise: { parameters: ["u64", "u64", "i32"], result: "i32" },
    });
  } catch {
    return; // another C library, or no permission: only memory is lost
  }
  try {
    const { getauxval, madvise } = libc.symbols;
    for (const { address, bytes } of readOnlyParts(getauxval(AT_PHDR), getauxval(AT_PHNUM))) {
      madvise(address, bytes, MADV_DONTNEED);
    }
  } finally {
    libc.close();
  }
}

/** Returns the loaded segments that are not writable, from the program headers at `start`. */
function readOnlyParts(start: bigint, count: bigint): readonly Part[] {
  const pointer = Deno.UnsafePointer.create(start);
  if (pointer === null) return [];
  const view = new Deno.UnsafePointerView(pointer);
  const headers = Array.from({ length: Number(count) }, (_, index) => {
    const at = index * PHDR_BYTES;
    return {
      type: view.getUint32(at),
      flags: view.getUint32(at + 4),
      address: view.getBigUint64(at + 16),
      bytes: view.getBigUint64(at + 40),
    };
  });
  const own = headers.find(({ type }) => type === PT_PHDR);
  if (own === undefined) return [];
  const loadedAt = start - own.address;
  return headers
    .filter(({ type, flags }) => type === PT_LOAD && (flags & PF_W) === 0)
    .map(({ address, bytes }) => wholePages(loadedAt + address, bytes));
}

function wholePages(address: bigint, bytes: bigint): Part {
  const before = address % PAGE_BYTES;
  return { address: address - before, bytes: bytes + before };
}
