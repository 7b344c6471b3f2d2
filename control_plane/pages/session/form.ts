/** What is asked of a form before it is obeyed: that a page of ours has sent it, in this session. */

import { formForeign, formOutdated } from "../../../lib/problems/pages.ts";
import { fieldsOf } from "./form_reader.ts";
import { isHttps, ownHost } from "./own_origin.ts";
import { isSameToken } from "./tokens.ts";

export const TOKEN_FIELD = "_token";
/**
 * A whole form that was sent when its session was over, as one text: the sign-in keeps it, and sends it
 * on. One field, as a million of them would make anybody's small request a huge page.
 */
export const SENT_FIELD = "sent";

/**
 * Whether a page of this very origin sends the request. Browsers have sent Origin with every POST since
 * 2020, so a request without one is no browser's form.
 */
export function isOwnForm(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  const sender = URL.parse(request.headers.get("origin") ?? "");
  // A proxy that does not tell of its TLS leaves only the hosts to compare.
  const isOwn = sender?.host === ownHost(request) &&
    (!isHttps(request) || sender.protocol === "https:");
  return isOwn && (site === null || site === "same-origin");
}

/** Throws `form_foreign` unless a page of this very origin sends the request. */
export function requireOwnOrigin(request: Request): void {
  if (!isOwnForm(request)) throw formForeign(request.headers.get("origin") ?? "nowhere");
}

/** The fields that a page's form was sent with; those that the sign-in kept, where it comes from there. */
export function keptIn(form: URLSearchParams): URLSearchParams {
  const sent = form.get(SENT_FIELD);
  return sent === null ? form : fieldsOf(sent);
}

/** Throws `form_outdated` unless the form is of this session. */
export function requireToken(form: URLSearchParams, formToken: string): void {
  if (isSameToken(form.get(TOKEN_FIELD) ?? "", formToken)) return;
  throw formOutdated();
}
