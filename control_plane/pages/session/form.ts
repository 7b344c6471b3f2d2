/** Checks that a form was sent by one of our pages in this session. */

import { formForeign, formOutdated, formPortDropped } from "../../../lib/problems/pages.ts";
import { fieldsOf } from "./form_reader.ts";
import { isHttps, isOwnHost, ownOrigin, ownUrl } from "./own_origin.ts";
import { isSameToken } from "./tokens.ts";

export const TOKEN_FIELD = "_token";
/**
 * The field in which the sign-in keeps a form that was submitted after its session had ended, and submits
 * it again. It is one field, because many small fields would turn a small request into a huge page.
 */
export const SENT_FIELD = "sent";

/**
 * Reports whether the request comes from a page of our own origin. Browsers have sent Origin with every
 * POST since 2020, so a request without it does not come from a browser's form.
 */
export function isOwnForm(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  const sender = senderOf(request);
  // If a proxy does not report its TLS, only the hosts can be compared.
  const isOwn = sender !== null && isOwnHost(request, sender) &&
    (!isHttps(request) || sender.protocol === "https:");
  return isOwn && (site === null || site === "same-origin");
}

const senderOf = ({ headers }: Request): URL | null => URL.parse(headers.get("origin") ?? "");

/** @throws `form_foreign` unless the request comes from our own origin. */
export function requireOwnOrigin(request: Request): void {
  if (isOwnForm(request)) return;
  const sender = senderOf(request);
  const own = sender && ownUrl(request, sender.protocol);
  if (sender && own && own.hostname === sender.hostname && own.port === "" && sender.port !== "") {
    throw formPortDropped(sender.origin, sender.port);
  }
  throw formForeign(request.headers.get("origin") ?? "nowhere", ownOrigin(request));
}

/** Returns the form's fields; after a sign-in, those that it kept. */
export function keptIn(form: URLSearchParams): URLSearchParams {
  const sent = form.get(SENT_FIELD);
  return sent === null ? form : fieldsOf(sent);
}

/** @throws `form_outdated` unless the form belongs to this session. */
export function requireToken(form: URLSearchParams, formToken: string): void {
  if (isSameToken(form.get(TOKEN_FIELD) ?? "", formToken)) return;
  throw formOutdated();
}
