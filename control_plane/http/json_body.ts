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

export interface BodyLimits {
  readonly bytes: number;
  readonly ms: number;
  /** Rejects when the body is no longer waited for. */
  readonly cut?: Promise<never>;
}

/** A mebibyte over a line of 280 kbit/s. */
const JSON_LIMITS: BodyLimits = { bytes: 1_048_576, ms: 30_000 };

/**
 * The parsed body, not checked yet. Throws `unsupported_media_type`, `body_too_large`,
 * `body_too_slow`, `body_cut_off` and `json_malformed`.
 */
export async function jsonBody(request: Request, clock: Clock): Promise<unknown> {
  const type = request.headers.get("content-type") ?? undefined;
  if (!/^application\/json\s*(;|$)/i.test(type ?? "")) throw bodyNotJson(type);
  const text = await bodyText(request, clock, JSON_LIMITS);
  try {
    return JSON.parse(text);
  } catch {
    throw bodyMalformed(placeOf(text, jsonErrorPosition(text)));
  }
}

/** The body as text. Throws `body_too_large`, `body_too_slow`, `body_cut_off` and `json_malformed`. */
export async function bodyText(
  request: Request,
  clock: Clock,
  limits: BodyLimits,
): Promise<string> {
  return utf8(await bytesInTime(request, clock, limits));
}

async function bytesInTime(
  request: Request,
  clock: Clock,
  { bytes, ms, cut }: BodyLimits,
): Promise<Uint8Array> {
  const late = Promise.withResolvers<never>();
  // A signal would cost more than all the rest of reading a small body.
  const done = clock.after(ms, () => late.reject(bodyTooSlow(ms)));
  const body = limitedBody(request, bytes);
  try {
    return await Promise.race([body.read(), late.promise, ...(cut ? [cut] : [])]);
  } catch (error) {
    body.drop();
    throw error instanceof Problem ? error : bodyCutOff(error);
  } finally {
    done();
  }
}

interface Body {
  read(): Promise<Uint8Array>;
  /** Ends the connection, unless the body is small: otherwise the rest would be waited for. */
  drop(): void;
}

/** As large as the report of a host gets. */
const SMALL_BYTES = 16_384;

function limitedBody(request: Request, limit: number): Body {
  const stated = statedLength(request);
  // Each piece of a stream takes 64 KiB, however small it is: at a hundred heartbeats a second that was
  // a full collection of garbage each second.
  if (stated !== undefined && stated <= Math.min(SMALL_BYTES, limit)) {
    return { read: () => request.bytes(), drop: () => {} };
  }
  const pieces = request.body?.getReader();
  return {
    async read() {
      if (stated !== undefined && stated > limit) throw bodyTooLarge(limit);
      return pieces ? await joined(pieces, limit) : new Uint8Array();
    },
    drop: () => void pieces?.cancel().catch(() => {}),
  };
}

/** Absent where the body ends by other means. The server lets nobody send more than was stated. */
function statedLength({ headers }: Request): number | undefined {
  const length = headers.get("content-length") ?? "";
  return /^\d+$/.test(length) && !headers.has("transfer-encoding") ? Number(length) : undefined;
}

/** Copied together, as each piece keeps 64 KiB of memory, be it a single byte. */
async function joined(
  pieces: ReadableStreamDefaultReader<Uint8Array>,
  limit: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(new ArrayBuffer(0, { maxByteLength: limit }));
  for (;;) {
    const { value } = await pieces.read();
    if (!value) return bytes.slice();
    const filled = bytes.length;
    if (filled + value.length > limit) throw bodyTooLarge(limit);
    bytes.buffer.resize(filled + value.length);
    bytes.set(value, filled);
  }
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
