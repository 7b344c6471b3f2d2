/** A file as an answer: sent as it is made, so that its size does not matter. */

import type { Answer } from "../api/route.ts";

export function fileAnswer(
  { type, name, pieces }: NonNullable<Answer["file"]>,
  headers: Readonly<Record<string, string>>,
): Response {
  const disposition = `attachment; filename="${name}"`;
  return new Response(ReadableStream.from(encoded(pieces)), {
    headers: {
      ...headers,
      "content-type": `${type}; charset=utf-8`,
      "content-disposition": disposition,
    },
  });
}

async function* encoded(pieces: AsyncIterable<string>): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder();
  for await (const piece of pieces) yield encoder.encode(piece);
}
