/** Entity tags (RFC 9110, 8.8.3 and 13.1): ETag of responses, If-Match and If-None-Match of requests. */

import { inputInvalid } from "../../lib/problems/rest.ts";

/** Makes a strong tag: the version, if the body has one, and a digest of the body. */
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
/** A tag of ours, or a bare version as people type it. The digest also covers fields outside the definition. */
const VERSION = /^"(\d{1,15})(?:\.[0-9a-f]{16})?"$/;
const NO_VERSION = 0;

/**
 * Returns the version that If-Match names: `undefined` for `*`, and a version that never exists for a weak
 * or foreign tag.
 * @throws `invalid_input` if the header is not an entity tag.
 */
export function versionIn(ifMatch: string): number | undefined {
  if (ifMatch === "*") return undefined;
  if (!ONE_TAG.test(ifMatch)) {
    throw inputInvalid([{ path: "If-Match", message: 'must be one entity tag, as in "3"' }]);
  }
  return Number(VERSION.exec(ifMatch)?.[1] ?? NO_VERSION);
}

/**
 * Reports whether If-None-Match is `*`, so that the request may only create.
 * @throws `invalid_input` for a tag, which this resource does not have.
 */
export function isForAbsent(ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch === "*") return true;
  throw inputInvalid([{ path: "If-None-Match", message: "must be *, without quotes" }]);
}

/** Reports whether If-None-Match contains the tag, by the weak comparison that RFC 9110 asks for. */
export function isKnown(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return (ifNoneMatch.match(TAGS) ?? []).some((tag) => tag.replace(/^W\//, "") === etag);
}
