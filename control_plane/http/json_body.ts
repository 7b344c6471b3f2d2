/** Reads a request's JSON body, or says exactly why it cannot be read. */

import type { Clock } from "../../lib/ports.ts";
import { Problem } from "../../lib/problems/problem.ts";
import {
  bodyCutOff,
  bodyMalformed,
  bodyNotJson,
  bodyNotText,
  bodyTooLarge,
  bodyTooSlow,
} from "../../lib/problems/rest.ts";
import { jsonErrorPosition } from "./json_error_position.ts";

const BODY_LIMIT_BYTES = 1_048_576;
/** A mebibyte over a line of 280 kbit/s. */
const BODY_PATIENCE_MS = 30_000;

/**
 * The parsed body, not checked yet. Throws `unsupported_media_type`, `body_too_large`,
 * `body_too_slow`, `body_cut_off` and `json_malformed`.
 */
export async function jsonBody(request: Request, clock: Clock): Promise<unknown> {
  const type = request.headers.get("content-type") ?? undefined;
  if (!/^application\/json\s*(;|$)/i.test(type ?? "")) throw bodyNotJson(type);
  const text = await bodyText(request, clock);
  try {
    return JSON.parse(text);
  } catch {
    throw bodyMalformed(placeOf(text, jsonErrorPosition(text)));
  }
}

/** The body as text. Throws `body_too_large`, `body_too_slow`, `body_cut_off` and `json_malformed`. */
export async function bodyText(request: Request, clock: Clock): Promise<string> {
  return utf8(await bytesInTime(request, clock));
}

async function bytesInTime(request: Request, clock: Clock): Promise<Uint8Array> {
  const late = Promise.withResolvers<never>();
  // A signal would cost more than all the rest of reading a small body.
  const done = clock.after(BODY_PATIENCE_MS, () => late.reject(bodyTooSlow(BODY_PATIENCE_MS)));
  try {
    return await Promise.race([limitedBytes(request), late.promise]);
  } catch (error) {
    throw error instanceof Problem ? error : bodyCutOff(error);
  } finally {
    done();
  }
}

/** Stops reading at the limit, so that a body without a stated length cannot fill the memory. */
async function limitedBytes(request: Request): Promise<Uint8Array> {
  const stated = request.headers.get("content-length");
  if (Number(stated) > BODY_LIMIT_BYTES) throw bodyTooLarge(BODY_LIMIT_BYTES);
  // The server lets nobody send more than was stated. Each piece of a stream takes 64 KiB, however small
  // it is: at a hundred heartbeats a second that was a full collection of garbage each second.
  const isStated = /^\d+$/.test(stated ?? "") && !request.headers.has("transfer-encoding");
  if (isStated) return await request.bytes();
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
