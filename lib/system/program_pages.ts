/** Gives back the memory in which starting the program has left its own code. */

/** From the auxiliary vector (getauxval(3)): where the program headers are, and how many. */
const AT_PHDR = 3n;
const AT_PHNUM = 5n;
/** A program header (elf(5)): its size, its types, its flag. */
const PHDR_BYTES = 56;
const PT_LOAD = 1;
const PT_PHDR = 6;
const PF_W = 2;
const MADV_DONTNEED = 4;
const PAGE_BYTES = 4096n;

/** Bytes from one address up to another, of a part of the program that is never written to. */
interface Part {
  readonly address: bigint;
  readonly bytes: bigint;
}

/**
 * Drops the pages of the executable's read-only parts from this process. What is used is mapped again
 * from the kernel's page cache, in microseconds; the rest, some 40 MB that only the start has needed,
 * stays away. On a machine where that cannot be done nothing happens.
 */
export function releaseProgramPages(): void {
  let libc;
  try {
    libc = Deno.dlopen("libc.so.6", {
      getauxval: { parameters: ["u64"], result: "u64" },
      madvise: { parameters: ["u64", "u64", "i32"], result: "i32" },
    });
  } catch {
    return; // another C library, or not allowed to: it costs memory and nothing else
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

/** The loaded segments without the flag to write, by the program headers at `start`. */
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
