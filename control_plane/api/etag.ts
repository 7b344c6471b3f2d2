/** Entity tags (RFC 9110, 8.8.3 and 13.1): which state an answer shows, and which one a change is meant for. */

import { inputInvalid } from "../../lib/problems/rest.ts";

/** A strong tag: the digest of the body, behind the version of what has one. */
export async function etagOf(body: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 16);
  return `"${hasVersion(body) ? `${body.version}.` : ""}${digest}"`;
}

function hasVersion(body: unknown): body is { readonly version: number } {
  return typeof body === "object" && body !== null && "version" in body &&
    typeof body.version === "number";
}

const TAG = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const ONE_TAG = new RegExp(`^${TAG}$`);
const TAGS = new RegExp(TAG, "g");
/** Ours, or the bare version, which people write by hand; the digest also covers what is no definition. */
const VERSION = /^"(\d{1,15})(?:\.[0-9a-f]{16})?"$/;
const NO_VERSION = 0;

/**
 * The version that a change is meant for: `undefined` where any will do, and one that nothing has for
 * a tag that is not ours or is weak. Throws `invalid_input` for what is no tag.
 */
export function versionIn(ifMatch: string): number | undefined {
  if (ifMatch === "*") return undefined;
  if (!ONE_TAG.test(ifMatch)) {
    throw inputInvalid([{ path: "If-Match", message: 'must be one entity tag, as in "3"' }]);
  }
  return Number(VERSION.exec(ifMatch)?.[1] ?? NO_VERSION);
}

/**
 * Whether a change is meant only for what is not there yet. Throws `invalid_input` for a tag: what
 * has none can only be there or not.
 */
export function isForAbsent(ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch === "*") return true;
  throw inputInvalid([{ path: "If-None-Match", message: "must be *, without quotes" }]);
}

/** Whether the caller already has what the tag names; compared weakly, as RFC 9110 says for it. */
export function isKnown(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return (ifNoneMatch.match(TAGS) ?? []).some((tag) => tag.replace(/^W\//, "") === etag);
}
