/** Session tokens: random, hashed, compared in constant time, and kept in a cookie. */

import { hash } from "node:crypto";
import { hashOfKey } from "../../http/authentication.ts";
import { LIFE_MS } from "../../store/people/sessions.ts";
import { isHttps } from "./own_origin.ts";

const BYTES = 32;

/** Returns 256 random bits as base64url, which cookies and forms need not escape. */
export function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(BYTES))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}

/**
 * Returns the token that replaces another one. It is the same for all requests with the old token, because a
 * response may be lost or overtaken. Only the server can compute it: browsers never learn the session's id.
 */
export function tokenAfter(token: string, sessionId: string): string {
  return hash("sha256", `${sessionId} ${token}`, "base64url");
}

/** Returns the SHA-256 hash that is stored for a token, as for API keys and for the same reasons. */
export const hashOfToken = hashOfKey;

/** Compares two texts in constant time. */
export function isSameToken(one: string, other: string): boolean {
  return hashOfToken(one) === hashOfToken(other);
}

const NAME = "bigeye_session";
/** With the `__Host-` prefix browsers require Secure, no Domain, and path / (RFC 6265bis, 4.1.3). */
const HTTPS_NAME = `__Host-${NAME}`;

/** Finds the cookie by search instead of splitting, because a client may send hundreds of thousands. */
const pairOf = (name: string) => new RegExp(`(?:^|;) *${name}=([^;= ]+)`);
const [PAIR, HTTPS_PAIR] = [pairOf(NAME), pairOf(HTTPS_NAME)];

const nameFor = (isHttps: boolean): string => isHttps ? HTTPS_NAME : NAME;

export function tokenIn(request: Request): string | undefined {
  const pattern = isHttps(request) ? HTTPS_PAIR : PAIR;
  return pattern.exec(request.headers.get("cookie") ?? "")?.[1];
}

/** Returns the `Set-Cookie` that sets or removes the token. */
export function sessionCookie(request: Request, token: string | undefined): string {
  const secure = isHttps(request);
  const age = token === undefined ? 0 : LIFE_MS / 1000;
  return `${nameFor(secure)}=${token ?? ""}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Lax` +
    (secure ? "; Secure" : "");
}
