/** The message of a run that did not succeed: the most useful first, never above its limit. Pure. */

import { type ConnectionResult, MESSAGE_LIMIT_BYTES } from "../../lib/contract/run.ts";
import { plainText } from "./plain_text.ts";
import { byteLength, shortened } from "../../lib/contract/utf8.ts";

export interface SummaryParts {
  /** What the engine saw, in one line: an exit code, a limit. Opens the message where it must. */
  readonly headline: string;
  /** Whether the headline is the news itself, whatever the agent says. */
  readonly headlineFirst: boolean;
  readonly connections: readonly ConnectionResult[];
  readonly message?: string | undefined;
  /** The last lines of output, newest last. */
  readonly tail: readonly string[];
  /** Whether the tail is the end of all output: not where the disk was full, or the engine away. */
  readonly outputComplete: boolean;
  readonly redact: (text: string) => string;
}

const MOST_TAIL_LINES = 20;

/** At most 4,096 bytes of valid UTF-8, secrets hidden before anything is cut. */
export function summaryOf(parts: SummaryParts): string {
  // In this order: a secret with a color inside is one only without it.
  const clean = (text: string) => parts.redact(plainText(text)).toWellFormed();
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
  // Together: a secret may be of several lines that are too short to be known one by one.
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

/** Every block in full where they fit; else the room is shared, and what one leaves goes to the others. */
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
  // The modest first, so that what they do not need is there for the rest.
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

/** Title and log always; of the errors as many bytes as there are. */
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

/** As many of the last lines as fit, whole; the newest matter most. */
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
      if (shown.length === 0) shown.unshift(shortened(line, left));
      break;
    }
    shown.unshift(line);
    left -= size;
  }
  return head + shown.join("\n");
}
