/** Reads answers that stream: a body whose reading can be aborted, and the Engine's log format. */

/**
 * Yields the chunks of a body as they come. On abort it rejects with the signal's reason and closes the
 * connection. The signal given to `fetch` is not enough on every Deno: after a garbage collection, an
 * abort can leave the read of a body hanging.
 */
export async function* chunksOf(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  if (!body) return;
  const reader = body.getReader();
  const stop = () => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      signal?.throwIfAborted();
      if (done) return;
      yield value;
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    stop();
  }
}

/** Reads the whole body as text; on abort it rejects with the signal's reason. */
export async function textOf(
  { body }: Pick<Response, "body">,
  signal: AbortSignal | undefined,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of chunksOf(body, signal)) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

/** One line of output. A line of more than 16 KiB arrives as several, because the engine stores it so. */
export interface LogLine {
  readonly stream: "out" | "err";
  /** The engine's timestamp, RFC 3339 with nine digits of a second. All have one length, so they sort as text. */
  readonly at: string;
  /** The line without its line end; bytes that are not UTF-8 are replaced. */
  readonly text: string;
}

/** A frame's header: type, three zeros, length (Engine API, "Stream format"). */
const HEADER_BYTES = 8;
const STDERR = 2;
/** The engine splits messages at 16 KiB, so a much longer frame is not a log. */
const LONGEST_FRAME = 1 << 20;

/**
 * Splits the Engine's multiplexed log into lines, and yields the lines of each chunk as it arrives.
 * @throws if the stream is not a log of the engine
 */
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
