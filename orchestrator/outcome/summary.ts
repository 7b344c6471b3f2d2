/** Writes the message of a run that has ended: the most useful facts first, within its size limit. Pure. */

import { type ConnectionResult, MESSAGE_LIMIT_BYTES } from "../../lib/contract/run.ts";
import { byteLength, shortened, shortenedFront } from "../../lib/contract/text.ts";
import type { Redact } from "./redaction.ts";

export interface SummaryParts {
  /** What the engine reported, in one line: an exit code, a limit. */
  readonly headline: string;
  /** Whether the headline opens the message even when the agent reports connections or a message. */
  readonly headlineFirst: boolean;
  readonly connections: readonly ConnectionResult[];
  readonly message?: string | undefined;
  /** The last lines of output, newest last. */
  readonly tail: readonly string[];
  /** Whether all output could be stored: `false` when the disk was full or the engine down. */
  readonly outputComplete: boolean;
  readonly redact: Redact;
}

const MOST_TAIL_LINES = 20;

/** At most 4,096 bytes of well-formed UTF-8. Texts are redacted before they are cut. */
export function summaryOf(parts: SummaryParts): string {
  const clean = (text: string) => parts.redact(text).toWellFormed();
  const headline = clean(parts.headline);
  const failed = parts.connections.filter(({ status }) => status === "failed");
  const message = clean(parts.message ?? "").trim();
  const opening = parts.headlineFirst ? `${headline}\n` : "";
  const room = MESSAGE_LIMIT_BYTES - byteLength(opening);
  if (failed.length > 0) {
    const blocks = failed.map((one) => connectionBlock(one, clean));
    const count = `${failed.length} of ${parts.connections.length} connections failed`;
    return finished(opening + connectionList(count, blocks, room));
  }
  if (message !== "") return finished(opening + message);
  // Joined first: a secret of several lines may have lines too short to be redacted one by one.
  const lines = clean(parts.tail.join("\n")).split("\n").filter((line) => line.trim() !== "");
  return finished(tailText(headline, { lines, complete: parts.outputComplete }));
}

function finished(text: string): string {
  return shortened(text.trimEnd(), MESSAGE_LIMIT_BYTES);
}

interface Block {
  readonly title: string;
  readonly errors: readonly string[];
  readonly log: string | undefined;
}

function connectionBlock(
  { connector, name, errors, log }: ConnectionResult,
  clean: (text: string) => string,
): Block {
  const inLine = (text: string) => clean(text).replaceAll("\n", " ");
  return {
    title: shortened(inLine(`${connector} / ${name}`), 200),
    errors: errors.map(inLine),
    log: log === undefined ? undefined : inLine(log),
  };
}

/** Shows every block in full if all fit. Otherwise they share the room, and what one leaves goes to the others. */
function connectionList(count: string, blocks: readonly Block[], room: number): string {
  const needed = (block: Block) => byteLength(rendered(block, Infinity)) + 1;
  const least = (block: Block) => byteLength(rendered(block, 0)) + 1;
  const forHead = byteLength(`${count}:\n… and ${blocks.length} more failed connections`);
  const shown: Block[] = [];
  let left = room - forHead;
  for (const block of blocks) {
    if (left < least(block)) break;
    left -= least(block);
    shown.push(block);
  }
  let open = shown.length;
  const extra = new Map<Block, number>();
  // The shortest first: what they do not need is left for the others.
  for (const block of shown.toSorted((a, b) => extraOf(a) - extraOf(b))) {
    const share = Math.min(extraOf(block), Math.floor(left / open));
    extra.set(block, share);
    left -= share;
    open--;
  }
  const texts = shown.map((block) => rendered(block, extra.get(block) ?? 0));
  const missing = blocks.length - shown.length;
  const end = missing === 0 ? [] : [`… and ${missing} more failed connections`];
  return [`${count}:`, ...texts, ...end].join("\n");

  function extraOf(block: Block): number {
    return needed(block) - least(block);
  }
}

/** The title and the log in full, and the errors within this many bytes. */
function rendered({ title, errors, log }: Block, bytes: number): string {
  let left = bytes;
  const lines: string[] = [];
  for (const error of errors) {
    const line = left === Infinity ? `  ${error}` : shortened(`  ${error}`, left - 1);
    if (line.trim() === "" || line.trim() === "…") break;
    lines.push(line);
    left -= byteLength(line) + 1;
  }
  return [title, ...lines, ...(log === undefined ? [] : [`  log: ${log}`])].join("\n");
}

/** The headline and as many whole lines from the end as fit. */
function tailText(
  headline: string,
  { lines, complete }: { readonly lines: readonly string[]; readonly complete: boolean },
): string {
  if (lines.length === 0) {
    return headline +
      (complete ? ", without any output" : "; its output could not be stored on the host");
  }
  const what = complete ? "its last output" : "the last of its output that could be stored";
  const head = `${headline}; ${what}:\n`;
  let left = MESSAGE_LIMIT_BYTES - byteLength(head);
  const shown: string[] = [];
  for (const line of lines.slice(-MOST_TAIL_LINES).toReversed()) {
    const size = byteLength(line) + 1;
    if (size > left) {
      if (shown.length === 0) shown.unshift(shortenedFront(line, left));
      break;
    }
    shown.unshift(line);
    left -= size;
  }
  return head + shown.join("\n");
}
