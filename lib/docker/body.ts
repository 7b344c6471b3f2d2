/**
 * Reads the body of an answer that may take for ever. The signal given to `fetch` does not reach that
 * far on every Deno: once the garbage was collected, an abort leaves a read of the body hanging.
 */

/** The chunks as they come; rejects with the signal's reason when it aborts, and closes the connection. */
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

/** The whole body as text. */
export async function textOf(
  { body }: Pick<Response, "body">,
  signal: AbortSignal | undefined,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of chunksOf(body, signal)) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}
