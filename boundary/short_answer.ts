/** Reads a short answer whole, so that it leaves in one write. */

import { chunksOf } from "../lib/docker/body.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Far above the answers that an orchestrator asks for. */
const LONGEST = 1 << 20;

/**
 * The body's bytes; as a stream where they are more than 1 MiB, so that no answer fills the memory. Rejects
 * when the body breaks, and with the signal's reason.
 */
export async function whole(
  body: ReadableStream<Bytes>,
  signal: AbortSignal,
): Promise<Bytes | ReadableStream<Bytes>> {
  const chunks: Bytes[] = [];
  let length = 0;
  const rest = chunksOf(body, signal);
  while (length <= LONGEST) {
    const { value, done } = await rest.next();
    if (done) return joined(chunks, length);
    chunks.push(value);
    length += value.length;
  }
  return ReadableStream.from(afterwards(chunks, rest));
}

function joined(chunks: readonly Bytes[], length: number): Bytes {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

async function* afterwards(
  chunks: readonly Bytes[],
  rest: AsyncGenerator<Bytes>,
): AsyncGenerator<Bytes> {
  yield* chunks;
  yield* rest;
}
