/** Reads a request's JSON body, or says exactly why it cannot be read. */

import { bodyMalformed, bodyNotJson, bodyNotText, bodyTooLarge } from "../../lib/problems/rest.ts";
import { jsonErrorPosition } from "./json_error_position.ts";

export const BODY_LIMIT_BYTES = 1_048_576;

/**
 * The parsed body, not checked yet. Throws `unsupported_media_type`, `body_too_large` and
 * `json_malformed`.
 */
export async function jsonBody(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type") ?? undefined;
  if (!/^application\/json\s*(;|$)/i.test(type ?? "")) throw bodyNotJson(type);
  const text = utf8(await limitedBytes(request));
  try {
    return JSON.parse(text);
  } catch {
    throw bodyMalformed(placeOf(text, jsonErrorPosition(text)));
  }
}

/** Stops reading at the limit, so that a body without a stated length cannot fill the memory. */
async function limitedBytes(request: Request): Promise<Uint8Array> {
  const stated = Number(request.headers.get("content-length") ?? 0);
  if (stated > BODY_LIMIT_BYTES) throw bodyTooLarge(BODY_LIMIT_BYTES);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES) throw bodyTooLarge(BODY_LIMIT_BYTES);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let filled = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  return bytes;
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw bodyNotText();
  }
}

function placeOf(text: string, position: number) {
  const lines = text.slice(0, position).split("\n");
  return { position, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
