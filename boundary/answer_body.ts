/** Bodies of the engine's answers: a short one is read whole, a stream is passed on and counted. */

import { chunksOf } from "../lib/docker/streams.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

/** Far above the short answers that an orchestrator requests. */
const LONGEST_SHORT = 1 << 20;

/**
 * Reads a body whole, so that it can leave in one write. A body of more than 1 MiB stays a stream, so that
 * no answer fills the memory.
 *
 * @throws the error of a body that breaks, and the signal's reason on abort.
 */
export async function readShort(
  body: ReadableStream<Bytes>,
  signal: AbortSignal,
): Promise<Bytes | ReadableStream<Bytes>> {
  const chunks: Bytes[] = [];
  let length = 0;
  const rest = chunksOf(body, signal);
  while (length <= LONGEST_SHORT) {
    const { value, done } = await rest.next();
    if (done) return joined(chunks, length);
    chunks.push(value);
    length += value.length;
  }
  return ReadableStream.from(concatenated(chunks, rest));
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

async function* concatenated(
  chunks: readonly Bytes[],
  rest: AsyncGenerator<Bytes>,
): AsyncGenerator<Bytes> {
  yield* chunks;
  yield* rest;
}

/** Called once when the body ends. `error` is set if it broke or the client left. */
export type OnEnd = (bytes: number, error?: unknown) => void;

/**
 * Passes a body on and counts its bytes. Each chunk is read only when the client asks for it. A broken body
 * stays broken, so that a stream that was cut never looks complete.
 */
export function counted(body: ReadableStream<Bytes>, onEnd: OnEnd): ReadableStream<Bytes> {
  const reader = body.getReader();
  let bytes = 0;
  let isOpen = true;
  const end = (error?: unknown): boolean => {
    if (!isOpen) return false; // a cancel during a read ends the body twice
    isOpen = false;
    onEnd(bytes, error);
    return true;
  };
  return new ReadableStream<Bytes>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          if (end()) controller.close();
          return;
        }
        bytes += value.byteLength;
        controller.enqueue(value);
      } catch (error) {
        if (end(error)) controller.error(error);
      }
    },
    async cancel(reason) {
      end(reason ?? new Error("canceled"));
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
