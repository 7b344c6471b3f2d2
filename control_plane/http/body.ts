/** Reads request bodies within limits of size and time, and validates input against schemas. */

import * as v from "valibot";
import { faultOf } from "../../lib/contract/text.ts";
import type { Clock } from "../../lib/ports.ts";
import { Problem } from "../../lib/problems/problem.ts";
import {
  bodyCutOff,
  bodyMalformed,
  bodyNotJson,
  bodyNotText,
  bodyTooLarge,
  bodyTooSlow,
  inputInvalid,
} from "../../lib/problems/rest.ts";

export interface BodyLimits {
  readonly bytes: number;
  readonly ms: number;
  /** Rejects when reading must stop early. */
  readonly cut?: Promise<never>;
}

/** One MiB takes 30 s over a 280 kbit/s line. */
const JSON_LIMITS: BodyLimits = { bytes: 1_048_576, ms: 30_000 };

/**
 * Reads and parses a JSON body; it is not validated yet.
 * @throws `unsupported_media_type`, `body_too_large`, `body_too_slow`, `body_cut_off`, `json_malformed`.
 */
export async function jsonBody(request: Request, clock: Clock): Promise<unknown> {
  const type = request.headers.get("content-type") ?? undefined;
  if (!/^application\/json\s*(;|$)/i.test(type ?? "")) throw bodyNotJson(type);
  const text = await bodyText(request, clock, JSON_LIMITS);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw bodyMalformed(error);
  }
}

/**
 * Reads the body as UTF-8 text.
 * @throws `body_too_large`, `body_too_slow`, `body_cut_off`, `json_malformed`.
 */
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
  // A plain timer: an AbortSignal costs more than reading a small body.
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
  /** Stops reading, which closes the connection unless the body is small; else the rest would be read. */
  drop(): void;
}

/** The largest report of a host. */
const SMALL_BYTES = 16_384;

function limitedBody(request: Request, limit: number): Body {
  const stated = statedLength(request);
  // Each chunk of a stream allocates 64 KiB: a hundred heartbeats a second caused a full garbage
  // collection every second.
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

/** Returns the Content-Length, which the server enforces; `undefined` with transfer-encoding. */
function statedLength({ headers }: Request): number | undefined {
  const length = headers.get("content-length") ?? "";
  return /^\d+$/.test(length) && !headers.has("transfer-encoding") ? Number(length) : undefined;
}

/** Copies the chunks into one buffer, because each chunk holds 64 KiB of memory, even for one byte. */
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

/** Validates input against a schema. @throws `invalid_input` with the path and fault of each field. */
export function checked<SCHEMA extends v.GenericSchema>(
  schema: SCHEMA,
  input: unknown,
): v.InferOutput<SCHEMA> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  throw inputInvalid(result.issues.map((issue) => {
    const path = v.getDotPath(issue);
    return { ...(path === null ? {} : { path }), message: faultOf(issue) };
  }));
}
