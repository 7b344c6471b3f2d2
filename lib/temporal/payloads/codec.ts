/** Encrypts every payload that passes through Temporal, so that its server and operators cannot read it. */

import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import {
  ApplicationFailure,
  defaultPayloadConverter,
  type Payload,
  type PayloadCodec,
} from "@temporalio/common";
import type { Log } from "../../ports.ts";
import { reasonOf } from "../../problems/problem.ts";
import { createDataKeys, type DataKey, type DataKeyNeeds } from "./data_keys.ts";

/** Value of a sealed payload's metadata entry `encoding`. */
export const ENVELOPE_ENCODING = "binary/bigeye-envelope-v1";
/** Prefix of the metadata entries that hold the wrapped data key; a recipient's fingerprint follows. */
const KEY_PREFIX = "key.";
/** In Node's crypto: WebCrypto hands each few kB to another thread, which takes four times as long. */
const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/**
 * The one payload that Temporal's server makes: details of an activity that was canceled before any
 * worker took it. It decodes to `undefined`, so not even this text is accepted from outside.
 */
const MADE_BY_SERVER = '"ACTIVITY_ID_NOT_STARTED"';
/** A payload whose value is `undefined`. */
const UNDEFINED: Payload = { metadata: { encoding: new TextEncoder().encode("binary/null") } };

const utf8 = new TextEncoder();
const text = new TextDecoder();

/**
 * Makes an envelope codec: AES-256-GCM per payload, with the data key wrapped for every recipient
 * (RSA-OAEP, SHA-256). The associated data binds the encoding and the recipients to the text.
 *
 * Decoding throws an ApplicationFailure `policy_denied`, not retryable, for everything that is not an
 * intact envelope for this side. That includes plain payloads, even empty ones: void results,
 * heartbeats and failure details pass through the sender's codec too, so a plain payload comes from a
 * sender without the keys. The one exception is {@linkcode MADE_BY_SERVER}.
 */
export function createEnvelopeCodec(needs: DataKeyNeeds): PayloadCodec {
  const keys = createDataKeys(needs);
  return {
    encode: (payloads) =>
      Promise.all(payloads.map(async (payload) => seal(payload, await keys.toSeal()))),
    decode: (payloads) =>
      Promise.all(payloads.map(async (payload) => {
        if (isMadeByServer(payload)) return UNDEFINED;
        const wrapped = wrappedKeys(payload);
        const key = await keys.toOpen(wrapped);
        if (!key) throw unreadable("it is not sealed for this side");
        return open(payload, { key, wrapped });
      })),
  };
}

/**
 * A codec for the side of the workflows: payloads that cannot be decoded become `undefined`, with a
 * warning; the caller rejects them. Temporal repeats a workflow task until it succeeds, so a payload
 * that threw would let one forged payload occupy a job for ever.
 */
export function tolerantCodec(codec: PayloadCodec, log: Log): PayloadCodec {
  const decodeOne = async (payload: Payload): Promise<Payload> => {
    try {
      const [opened = UNDEFINED] = await codec.decode([payload]);
      // An attacker who knows the public keys can seal anything; its value must be readable as well.
      defaultPayloadConverter.fromPayload(opened);
      return opened;
    } catch (error) {
      log("warn", "payload refused", { reason: "policy_denied", error: reasonOf(error) });
      return UNDEFINED;
    }
  };
  return {
    encode: (payloads) => codec.encode(payloads),
    decode: (payloads) => Promise.all(payloads.map(decodeOne)),
  };
}

function seal(payload: Payload, { key, wrapped }: DataKey): Payload {
  const iv = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(associatedData(wrapped));
  const sealed = [iv, cipher.update(packed(payload), "utf8"), cipher.final(), cipher.getAuthTag()];
  const entries = [...wrapped].map(([id, bytes]) => [KEY_PREFIX + id, bytes] as const);
  return {
    metadata: { encoding: utf8.encode(ENVELOPE_ENCODING), ...Object.fromEntries(entries) },
    data: new Uint8Array(Buffer.concat(sealed)),
  };
}

function open({ data }: Payload, { key, wrapped }: DataKey): Payload {
  // A copy, because the SDK's bytes may be part of a larger shared buffer.
  const bytes = new Uint8Array(data ?? []);
  const end = bytes.length - TAG_BYTES;
  // Checked before the decipher is made, which would stay open without its whole input.
  if (end < NONCE_BYTES) throw unreadable("it was changed on its way");
  try {
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES))
      .setAAD(associatedData(wrapped)).setAuthTag(bytes.subarray(end));
    const plain = [decipher.update(bytes.subarray(NONCE_BYTES, end)), decipher.final()];
    return unpacked(text.decode(Buffer.concat(plain)));
  } catch {
    throw unreadable("it was changed on its way");
  }
}

function isMadeByServer({ metadata, data }: Payload): boolean {
  return metadata?.encoding !== undefined && text.decode(metadata.encoding) === "json/plain" &&
    text.decode(data ?? undefined) === MADE_BY_SERVER;
}

function wrappedKeys({ metadata }: Payload): DataKey["wrapped"] {
  const encoding = metadata?.encoding;
  if (!metadata || !encoding || text.decode(encoding) !== ENVELOPE_ENCODING) {
    throw unreadable("it is not sealed");
  }
  return new Map(
    Object.entries(metadata)
      .filter(([name]) => name.startsWith(KEY_PREFIX))
      .map(([name, bytes]) => [name.slice(KEY_PREFIX.length), new Uint8Array(bytes)]),
  );
}

function associatedData(wrapped: DataKey["wrapped"]): Uint8Array<ArrayBuffer> {
  return utf8.encode([ENVELOPE_ENCODING, ...[...wrapped.keys()].toSorted()].join("\n"));
}

/** The inner payload as JSON, with metadata and data in base64. */
function packed({ metadata, data }: Payload): string {
  const entries = Object.entries(metadata ?? {}).map(([name, bytes]) => [name, base64(bytes)]);
  return JSON.stringify({
    metadata: Object.fromEntries(entries),
    data: data ? base64(data) : undefined,
  });
}

/** Encodes a copy: a workflow's arrays belong to another JavaScript context and may lack `toBase64`. */
function base64(bytes: Uint8Array): string {
  return new Uint8Array(bytes).toBase64();
}

function unpacked(json: string): Payload {
  const inner: { metadata: Record<string, string>; data?: string } = JSON.parse(json);
  const entries = Object.entries(inner.metadata)
    .map(([name, base64]) => [name, Uint8Array.fromBase64(base64)] as const);
  const metadata = Object.fromEntries(entries);
  return inner.data === undefined
    ? { metadata }
    : { metadata, data: Uint8Array.fromBase64(inner.data) };
}

function unreadable(why: string): ApplicationFailure {
  const message = `Cannot read a payload: ${why}`;
  return ApplicationFailure.nonRetryable(message, "policy_denied", message);
}
