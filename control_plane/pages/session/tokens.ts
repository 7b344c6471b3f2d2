/** Random words that cannot be guessed, and comparing them. */

import { hash } from "node:crypto";
import { hashOfKey } from "../../http/authentication.ts";

const BYTES = 32;

/** 256 random bits, in letters that a cookie and a form take as they are. */
export function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(BYTES))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}

/**
 * The token that replaces another one: the same for all requests that come with it, as an answer may be
 * lost, or be overtaken. Only the server can tell it, as no browser learns the session's id.
 */
export function tokenAfter(token: string, sessionId: string): string {
  return hash("sha256", `${sessionId} ${token}`, "base64url");
}

/** What the store knows of a token: SHA-256, as with API keys and for the same reasons. */
export const hashOfToken = hashOfKey;

/** Compares in a time that does not depend on where the texts differ. */
export function isSameToken(one: string, other: string): boolean {
  return hashOfToken(one) === hashOfToken(other);
}
