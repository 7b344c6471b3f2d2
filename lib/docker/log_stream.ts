/** Takes the Engine's multiplexed log stream apart into lines. */

/** One line of output. A line of more than 16 KiB arrives as several: the engine stores it so. */
export interface LogLine {
  readonly stream: "out" | "err";
  /** The engine's stamp, RFC 3339 with nine digits of a second: of one length, so it sorts as text. */
  readonly at: string;
  /** Without the line's end; bytes that are not UTF-8 are replaced. */
  readonly text: string;
}

/** Type, three zeros, length (Engine API, "Stream format"). */
const HEADER_BYTES = 8;
const STDERR = 2;
/** The engine cuts messages at 16 KiB; a frame far above it is no log. */
const LONGEST_FRAME = 1 << 20;

/** Yields the lines of each chunk as it arrives. Throws on a stream that is no log of the engine. */
export async function* logLines(
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly LogLine[], void> {
  let held = new Uint8Array();
  for await (const chunk of stream) {
    const bytes = held.length === 0 ? chunk : joined(held, chunk);
    const { lines, rest } = takeFrames(bytes);
    held = rest.slice();
    if (lines.length > 0) yield lines;
  }
}

function takeFrames(bytes: Uint8Array): { lines: LogLine[]; rest: Uint8Array } {
  const lines: LogLine[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (bytes.length - at >= HEADER_BYTES) {
    const length = view.getUint32(at + 4);
    if (length > LONGEST_FRAME) throw new Error(`a log frame of ${length} bytes`);
    const end = at + HEADER_BYTES + length;
    if (end > bytes.length) break;
    lines.push(lineOf(bytes[at] ?? 0, bytes.subarray(at + HEADER_BYTES, end)));
    at = end;
  }
  return { lines, rest: bytes.subarray(at) };
}

function lineOf(type: number, payload: Uint8Array): LogLine {
  const message = new TextDecoder().decode(payload).replace(/\r?\n$/, "");
  const space = message.indexOf(" ");
  return {
    stream: type === STDERR ? "err" : "out",
    at: space < 0 ? message : message.slice(0, space),
    text: space < 0 ? "" : message.slice(space + 1),
  };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
