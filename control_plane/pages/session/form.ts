/** Reads a form that was sent to us, once it is sure that a page of ours has sent it. */

import type { Clock } from "../../../lib/ports.ts";
import { formForeign, formOutdated, formUnreadable } from "../../../lib/problems/pages.ts";
import { bodyText } from "../../http/json_body.ts";
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

/** The fields of a form. Throws `form_unreadable`, and what `bodyText` throws. */
export async function formOf(request: Request, clock: Clock): Promise<URLSearchParams> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) throw formUnreadable(type);
  return new URLSearchParams(await bodyText(request, clock));
}

/** The same of a page's form, which may come from the sign-in: its token is outdated then. */
export async function sentForm(request: Request, clock: Clock): Promise<URLSearchParams> {
  const form = await formOf(request, clock);
  const sent = form.get(SENT_FIELD);
  return sent === null ? form : new URLSearchParams(sent);
}

/** Throws `form_outdated` unless the form is of this session. */
export function requireToken(form: URLSearchParams, formToken: string): void {
  if (isSameToken(form.get(TOKEN_FIELD) ?? "", formToken)) return;
  throw formOutdated();
}
