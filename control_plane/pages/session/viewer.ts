/** Finds the viewer behind a session cookie; begins and ends sessions. */

import type { Problem } from "../../../lib/problems/problem.ts";
import { signInRefused, tooManyAttempts } from "../../../lib/problems/pages.ts";
import { hashOfKey } from "../../http/authentication.ts";
import { networkOf, type TokenBuckets } from "../../http/rate_limit.ts";
import type { Viewer, VisitNeeds } from "../page.ts";
import type { Store } from "../../store/mod.ts";
import { PATHS } from "../paths.ts";
import { hashOfToken, newToken, sessionCookie, tokenAfter, tokenIn } from "./tokens.ts";

/** Marks the script's own requests, which must not reset the idle timeout. */
export const REFRESH_HEADER = "x-refresh";

export interface Recognized {
  readonly viewer: Viewer;
  /** A `Set-Cookie` with the rotated token, if rotation was due. */
  readonly cookie: string | undefined;
}

/** Returns the viewer of a request; `undefined` without an open session. */
export async function recognize(
  { request, from }: Pick<SignInAttempt, "request" | "from">,
  { sessions }: Pick<Store, "sessions">,
): Promise<Recognized | undefined> {
  const token = tokenIn(request);
  if (token === undefined) return undefined;
  const isUse = !isScripts(request);
  const hash = hashOfToken(token);
  const session = await sessions.find(hash, { isUse, from });
  if (!session) return undefined;
  const { id: sessionId, user, keyId, formToken } = session;
  const viewer = { user, keyId, sessionId, formToken, isAdmin: user.role === "admin" };
  const isDue = session.isDue && isUse && request.method === "GET";
  if (!isDue && !session.isTokenUndelivered) return { viewer, cookie: undefined };

  const next = tokenAfter(token, sessionId);
  const rotated = await sessions.rotate(sessionId, { from: hash, to: hashOfToken(next) });
  return { viewer, cookie: rotated ? sessionCookie(request, next) : undefined };
}

/** An event stream reconnects by itself, and browsers do not let it set headers. */
function isScripts({ headers, url }: Request): boolean {
  return headers.has(REFRESH_HEADER) || new URL(url).pathname === PATHS.events;
}

export interface SignInAttempt {
  readonly request: Request;
  readonly key: string;
  /** The caller's IP address. */
  readonly from: string | undefined;
}

/**
 * Begins a session for the owner of a Personal API Key and returns its `Set-Cookie`.
 * @throws `sign_in_refused`, `too_many_attempts`.
 */
export async function signIn(
  { request, key, from = "unknown" }: SignInAttempt,
  { store, wrongKeys, inTurn }: Pick<VisitNeeds, "store" | "wrongKeys" | "inTurn">,
): Promise<string> {
  const network = networkOf(from);
  const look = async () =>
    key === "" ? undefined : await store.accounts.useKey(hashOfKey(key), from);
  // As over REST, a valid key is always admitted: else one guesser could lock out everyone behind the same proxy.
  const { ok, waitSeconds } = wrongKeys.look(network);
  const looking = ok ? look() : inTurn(look);
  if (!looking) throw tooManyAttempts(waitSeconds);
  const owner = await looking;
  if (owner?.kind !== "personal") throw refusal(wrongKeys, network);
  // A new token, never the browser's current one, which an attacker could have planted (session fixation).
  const token = newToken();
  await store.sessions.begin({
    userId: owner.user.id,
    keyId: owner.keyId,
    tokenHash: hashOfToken(token),
    formToken: newToken(),
  });
  return sessionCookie(request, token);
}

function refusal(wrongKeys: TokenBuckets, network: string): Problem {
  const { ok, waitSeconds } = wrongKeys.take(network);
  return ok ? signInRefused() : tooManyAttempts(waitSeconds);
}
