/** Keeps an agent's newest output in the run folder, across restarts, without gaps, doubles or torn lines. */

import type { LogLine } from "../../lib/docker/log_stream.ts";
import type { Files } from "../../lib/ports.ts";
import { byteLength } from "../../lib/contract/utf8.ts";

/** Of each of the two files that a run has at most, whatever its agent writes. */
const LARGEST_FILE = 32 << 20;
/** The engine stores a longer line in parts of this size, a line each as we get them. */
const ENGINE_PART_BYTES = 16_384;
/** How much of the file's end is compared with what the engine sends again. */
const TAIL_BYTES = 1 << 20;
/** The two streams are stamped apart, so neighbors may be stored out of order by a little. */
const OVERLAP_MS = 1_000;

export interface OutputLog {
  /** Where the engine must begin again (inclusive); absent for an empty file. */
  readonly since: string | undefined;
  /** Writes those lines that the file does not have, and returns them. */
  write(lines: readonly LogLine[]): Promise<readonly LogLine[]>;
  close(): Promise<void>;
}

/**
 * Opens the file to go on where it ends; a last line without an end was torn by a crash and is cut.
 * When it is full it becomes `<path>.1`, in place of the one before: the newest output is what a run
 * that went wrong is judged by, and its beginning is what can be missed.
 */
export async function openOutput(path: string, files: Files): Promise<OutputLog> {
  const { lines, size, whole } = await readTail(path, { files, bytes: TAIL_BYTES });
  let file = await files.append(path);
  if (whole < size) await files.truncate(path, whole);
  let written = whole;
  const since = resumePoint(lines);
  const seen = countedSince(lines, since);

  /** In this order a crash or a refusal at any step leaves every line in one of the two files. */
  async function beginAnew(): Promise<void> {
    await files.rename(path, earlier(path));
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
      if (written > 0 && written + bytes.length > LARGEST_FILE) await beginAnew();
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

/** The text of the last lines, newest last: at most `bytes` of what is kept, no line cut. */
export async function lastLines(path: string, options: TailOptions): Promise<readonly string[]> {
  const texts: string[] = [];
  /** Stream → place of its line that goes on: a secret may lie across the parts, so they are joined. */
  const open = new Map<string, number>();
  for (const line of (await readTail(path, options)).lines) {
    const [, stream = "", ...words] = line.split(" ");
    const part = words.join(" ");
    const at = open.get(stream) ?? texts.length;
    texts[at] = (texts[at] ?? "") + part;
    if (byteLength(part) < ENGINE_PART_BYTES) open.delete(stream);
    else open.set(stream, at);
  }
  return texts;
}

const earlier = (path: string): string => `${path}.1`;

const format = ({ at, stream, text }: LogLine): string =>
  `${at} ${stream} ${text.replaceAll("\n", "\\n")}`;

interface Tail {
  /** Oldest first. */
  readonly lines: readonly string[];
  /** Bytes of the newest file. */
  readonly size: number;
  /** The same up to the end of its last whole line. */
  readonly whole: number;
}

/** The end of the newest file and, where that is short, of the one before. */
async function readTail(path: string, { files, bytes }: TailOptions): Promise<Tail> {
  const newest = await endOf(path, { files, bytes });
  if (newest.size >= bytes) return newest;
  const before = await endOf(earlier(path), { files, bytes: bytes - newest.size });
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

/** The stamp of the first line that is within the overlap before the newest one. */
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
