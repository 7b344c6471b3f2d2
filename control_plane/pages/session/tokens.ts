/** Random words that cannot be guessed, and comparing them. */

import { hash } from "node:crypto";
import { hashOfKey } from "../../http/authentication.ts";
import { LIFE_MS } from "../../store/people/sessions.ts";
import { isHttps } from "./own_origin.ts";

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

const NAME = "bigeye_session";
/** A browser takes this name only with Secure, this very host and the whole path (RFC 6265bis, 4.1.3). */
const HTTPS_NAME = `__Host-${NAME}`;

const nameFor = (isHttps: boolean): string => isHttps ? HTTPS_NAME : NAME;

export function tokenIn(request: Request): string | undefined {
  const name = nameFor(isHttps(request));
  const cookies = request.headers.get("cookie")?.split(";") ?? [];
  const pairs = cookies.map((pair) => pair.trim().split("="));
  return pairs.find(([key]) => key === name)?.[1] || undefined;
}

/** A `Set-Cookie` that sets the token, or takes it away. */
export function sessionCookie(request: Request, token: string | undefined): string {
  const secure = isHttps(request);
  const age = token === undefined ? 0 : LIFE_MS / 1000;
  return `${nameFor(secure)}=${token ?? ""}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Lax` +
    (secure ? "; Secure" : "");
}
