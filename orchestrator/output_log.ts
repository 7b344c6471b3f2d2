/** Keeps the agent's whole output in the run folder, across restarts, without gaps or doubles. */

import type { LogLine } from "../lib/docker/log_stream.ts";
import type { Files } from "../lib/ports.ts";

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

/** Opens the file to go on where it ends; a last line without an end was torn by a crash and is cut. */
export async function openOutput(path: string, files: Files): Promise<OutputLog> {
  const { tail, length } = await readTail(path, files);
  const file = await files.append(path);
  if (length !== undefined) await files.truncate(path, length);
  const since = resumePoint(tail);
  const seen = countedSince(tail, since);

  return {
    since,
    async write(lines) {
      const fresh = lines.filter((line) => !takeOne(seen, format(line)));
      const text = fresh.map((line) => `${format(line)}\n`).join("");
      if (text !== "") await file.write(new TextEncoder().encode(text));
      return fresh;
    },
    close: () => file.close(),
  };
}

/** The text of the last lines, newest last: at most `bytes` of the file, no line cut. */
export async function lastLines(
  path: string,
  { files, bytes }: { readonly files: Files; readonly bytes: number },
): Promise<readonly string[]> {
  const { tail } = await readTail(path, files, bytes);
  return tail.map((line) => line.split(" ").slice(2).join(" "));
}

const format = ({ at, stream, text }: LogLine): string =>
  `${at} ${stream} ${text.replaceAll("\n", "\\n")}`;

async function readTail(
  path: string,
  files: Files,
  bytes = TAIL_BYTES,
): Promise<{ tail: readonly string[]; length: number | undefined }> {
  const size = (await files.stat(path))?.size ?? 0;
  if (size === 0) return { tail: [], length: undefined };
  const read = await files.readBytes(path, -bytes, bytes) ?? new Uint8Array();
  const end = read.lastIndexOf(NEWLINE) + 1;
  const begin = read.length < size ? read.indexOf(NEWLINE) + 1 : 0;
  const text = new TextDecoder().decode(read.subarray(begin, end));
  const tail = text === "" ? [] : text.slice(0, -1).split("\n");
  return { tail, length: end === read.length ? undefined : size - read.length + end };
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
