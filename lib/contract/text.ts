/** Checks and shortens texts that come from outside: one line, a time in UTC, bytes of UTF-8. */

import * as v from "valibot";

/** Control characters, which terminals obey and at which SQLite ends a text, and lone surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/** One line of at most `most` UTF-16 code units; surrounding spaces are trimmed. */
export function lineSchema(most: number): v.GenericSchema<string, string> {
  return v.pipe(
    v.string(),
    v.trim(),
    v.maxLength(most, `must be at most ${most} characters`),
    v.check((text) => !UNPRINTABLE.test(text), "must not contain control characters"),
  );
}

const MUST = "must be a time in UTC with milliseconds, as in 2026-01-31T13:00:00.000Z";

/**
 * A time exactly as `Date.prototype.toISOString` writes it. It is checked because it is shown and sorted
 * as a text.
 */
export const InstantSchema = v.pipe(
  v.string(),
  v.isoTimestamp(MUST),
  v.check((text) => isoOf(Date.parse(text)) === text, MUST),
);

const isoOf = (time: number): string | undefined =>
  Number.isNaN(time) ? undefined : new Date(time).toISOString();

/**
 * Words a schema's fault as in "must be a boolean". Our own messages stay; the library's, which begin with
 * "Invalid" and name types, are replaced.
 */
export function faultOf({ message, expected, received }: v.BaseIssue<unknown>): string {
  if (!message.startsWith("Invalid")) return message;
  if (received === "undefined") return "is missing";
  if (expected === "never") return "is not a known field";
  if (expected === null) return "is not valid";
  if (expected === "Object") return "must be an object";
  if (expected === "Array") return "must be a list";
  const choices = expected.replaceAll(/[()]/g, "").split(" | ");
  return `must be ${choices.join(", ").replace(/, ([^,]*)$/, " or $1")}`;
}

const encoder = new TextEncoder();

/** Returns the number of bytes of a text in UTF-8, which is how the wire counts. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/**
 * Returns the text if it has at most `bytes` bytes of UTF-8; otherwise as much of its beginning as fits with
 * `…` at the end. It never splits a character.
 */
export function shortened(text: string, bytes: number): string {
  const whole = text.toWellFormed();
  if (byteLength(whole) <= bytes) return whole;
  const room = bytes - byteLength("…");
  if (room < 0) return "";
  const { read } = encoder.encodeInto(whole, new Uint8Array(room));
  return `${whole.slice(0, read)}…`;
}

/**
 * Returns the text if it has at most `bytes` bytes of UTF-8; otherwise as much of its end as fits with `…`
 * before it. It never splits a character.
 */
export function shortenedFront(text: string, bytes: number): string {
  const whole = encoder.encode(text.toWellFormed());
  if (whole.length <= bytes) return text.toWellFormed();
  const room = bytes - byteLength("…");
  if (room < 0) return "";
  let start = whole.length - room;
  while (((whole[start] ?? 0) & 0xc0) === 0x80) start++; // the middle of a character (RFC 3629)
  return `…${new TextDecoder().decode(whole.subarray(start))}`;
}
