/** Stores an agent's newest output in the run folder: across restarts, no line is lost, repeated or cut. */

import type { LogLine } from "../../lib/docker/streams.ts";
import type { Files } from "../../lib/ports.ts";
import { byteLength } from "../../lib/contract/text.ts";

/** Limit of each file. A run has at most two, so 64 MiB. */
const LARGEST_FILE = 32 << 20;
/** The engine splits a longer line into parts of this size and sends each as a line. */
const ENGINE_PART_BYTES = 16_384;
/** How much of the end of the file is compared with the lines that the engine sends again. */
const TAIL_BYTES = 1 << 20;
/** stdout and stderr are stamped separately, so lines may be stored slightly out of order. */
const OVERLAP_MS = 1_000;

export interface OutputLog {
  /** Timestamp from which the engine must send again (inclusive); absent for an empty file. */
  readonly since: string | undefined;
  /** Writes the lines that are not stored yet, and returns them. */
  write(lines: readonly LogLine[]): Promise<readonly LogLine[]>;
  close(): Promise<void>;
}

/**
 * Opens the file for appending. A last line without a line end was cut by a crash and is removed. A full
 * file replaces `<path>.1` and a new one is begun: the newest output shows why a run failed, so the
 * oldest is dropped.
 */
export async function openOutput(path: string, files: Files): Promise<OutputLog> {
  const { lines, size, whole } = await readTail(path, { files, bytes: TAIL_BYTES });
  let file = await files.append(path);
  if (whole < size) await files.truncate(path, whole);
  let written = whole;
  const since = resumePoint(lines);
  const seen = countedSince(lines, since);

  /** In this order, a crash or an error at any step leaves every line in one of the two files. */
  async function rotate(): Promise<void> {
    await files.rename(path, rotated(path));
    const next = await files.append(path);
    await file.close();
    file = next;
    written = 0;
  }

  return {
    since,
    async write(lines) {
      const fresh = lines.filter((line) => !takeOne(seen, format(line)));
      const bytes = new TextEncoder().encode(fresh.map((line) => `${format(line)}\n`).join(""));
      if (bytes.length === 0) return fresh;
      if (written > 0 && written + bytes.length > LARGEST_FILE) await rotate();
      await file.write(bytes);
      written += bytes.length;
      return fresh;
    },
    close: () => file.close(),
  };
}

interface TailOptions {
  readonly files: Files;
  readonly bytes: number;
}

/** The text of the last whole lines, newest last, from at most the last `bytes` of the stored output. */
export async function lastLines(path: string, options: TailOptions): Promise<readonly string[]> {
  const texts: string[] = [];
  /** Stream → index of its unfinished line. Parts are joined, as a secret may lie across two of them. */
  const unfinished = new Map<string, number>();
  for (const line of (await readTail(path, options)).lines) {
    const [, stream = "", ...words] = line.split(" ");
    const part = words.join(" ");
    const at = unfinished.get(stream) ?? texts.length;
    texts[at] = (texts[at] ?? "") + part;
    if (byteLength(part) < ENGINE_PART_BYTES) unfinished.delete(stream);
    else unfinished.set(stream, at);
  }
  return texts;
}

const rotated = (path: string): string => `${path}.1`;

const format = ({ at, stream, text }: LogLine): string =>
  `${at} ${stream} ${text.replaceAll("\n", "\\n")}`;

interface Tail {
  /** Oldest first. */
  readonly lines: readonly string[];
  /** Size of the newest file in bytes. */
  readonly size: number;
  /** Its size in bytes up to the end of its last whole line. */
  readonly whole: number;
}

/** Reads the end of the newest file and, if that is shorter than `bytes`, of the rotated one. */
async function readTail(path: string, { files, bytes }: TailOptions): Promise<Tail> {
  const newest = await endOf(path, { files, bytes });
  if (newest.size >= bytes) return newest;
  const before = await endOf(rotated(path), { files, bytes: bytes - newest.size });
  return { ...newest, lines: [...before.lines, ...newest.lines] };
}

async function endOf(path: string, { files, bytes }: TailOptions): Promise<Tail> {
  const size = (await files.stat(path))?.size ?? 0;
  if (size === 0) return { lines: [], size, whole: 0 };
  const read = await files.readBytes(path, -bytes, bytes) ?? new Uint8Array();
  const end = read.lastIndexOf(NEWLINE) + 1;
  const begin = read.length < size ? read.indexOf(NEWLINE) + 1 : 0;
  const text = new TextDecoder().decode(read.subarray(begin, end));
  const lines = text === "" ? [] : text.slice(0, -1).split("\n");
  return { lines, size, whole: size - read.length + end };
}

const NEWLINE = 10;

function stampOf(line: string): string {
  return line.slice(0, line.indexOf(" "));
}

/** Timestamp of the first line that is at most {@linkcode OVERLAP_MS} older than the newest. */
function resumePoint(tail: readonly string[]): string | undefined {
  const stamps = tail.map(stampOf).toSorted();
  const newest = stamps.at(-1);
  if (newest === undefined) return undefined;
  const from = Date.parse(newest) - OVERLAP_MS;
  return stamps.find((stamp) => Date.parse(stamp) >= from) ?? newest;
}

function countedSince(tail: readonly string[], since: string | undefined): Map<string, number> {
  const seen = new Map<string, number>();
  for (const line of tail) {
    if (since !== undefined && stampOf(line) >= since) seen.set(line, (seen.get(line) ?? 0) + 1);
  }
  return seen;
}

function takeOne(seen: Map<string, number>, line: string): boolean {
  const count = seen.get(line) ?? 0;
  if (count > 1) seen.set(line, count - 1);
  else seen.delete(line);
  return count > 0;
}
