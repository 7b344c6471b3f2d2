/** Sign-in and sign-out. */

import { Problem } from "../../../lib/problems/problem.ts";
import { formNotKept } from "../../../lib/problems/pages.ts";
import { Layout } from "../frame/layout.tsx";
import { noticeOf } from "../frame/notices.ts";
import { ownPath, PATHS, withQuery } from "../paths.ts";
import { html, redirect } from "../render.tsx";
import type { Visit, VisitNeeds } from "../page.ts";
import { sessionCookie } from "./tokens.ts";
import { keptIn, requireOwnOrigin, requireToken, SENT_FIELD } from "./form.ts";
import { FORM_BYTES } from "./form_reader.ts";
import { isOwnHost } from "./own_origin.ts";
import { SignInContent, type SignInProps } from "./sign_in_page.tsx";
import { signIn } from "./viewer.ts";

/** Redirects to sign-in, and from there back to the requested page, or to the page of a submitted form. */
export function toSignIn({ request, address }: Visit): Response {
  const isForm = request.method === "POST";
  const page = isForm ? URL.parse(request.headers.get("referer") ?? "") : address;
  const isOwn = page !== null && (!isForm || isOwnHost(request, page));
  const next = isOwn ? `${page.pathname}${page.search}` : undefined;
  return redirect(withQuery(PATHS.signIn, { next }));
}

/** Bytes reserved for the sign-in's own fields next to the kept form. */
const KEY_ROOM = 1_024;

/** Shows the sign-in in place of a submitted form and keeps what was typed. */
export async function signInBefore(
  visit: Visit,
  { readForm }: Pick<VisitNeeds, "readForm">,
): Promise<Response> {
  const { address } = visit;
  const next = `${address.pathname}${address.search}`;
  const sent = String(keptIn(await readForm(visit)));
  if (String(new URLSearchParams({ next, sent })).length > FORM_BYTES - KEY_ROOM) {
    throw formNotKept();
  }
  return await signInPage({ next, sent, status: 401 });
}

export async function showSignIn({ address, viewer }: Visit): Promise<Response> {
  const next = ownPath(address.searchParams.get("next"), PATHS.hosts);
  if (viewer) return redirect(next);
  return await signInPage({ next, notice: noticeOf(address.searchParams.get("done")) });
}

/** Signs in and ends the browser's previous session. A wrong key shows the form again with the error. */
export async function takeSignIn(visit: Visit, needs: VisitNeeds): Promise<Response> {
  const { request, from, viewer } = visit;
  requireOwnOrigin(request);
  const form = await needs.readForm(visit);
  const next = ownPath(form.get("next"), PATHS.hosts);
  const sent = form.get(SENT_FIELD) ?? undefined;
  try {
    const key = (form.get("key") ?? "").trim();
    const cookie = await signIn({ request, key, from }, needs);
    if (viewer) await needs.store.sessions.end(viewer.sessionId);
    // The kept form is submitted to its page. The key goes along, but only to ourselves.
    const answer = redirect(next, sent === undefined ? 303 : 307);
    answer.headers.append("set-cookie", cookie);
    return answer;
  } catch (error) {
    if (!(error instanceof Problem) || error.exit !== "denied") throw error;
    needs.log("info", "sign-in refused", { from, code: error.code });
    const { message, hint, status } = error;
    return await signInPage({ next, sent, error: `${message}. ${hint}.`, status });
  }
}

export async function takeSignOut(visit: Visit, needs: VisitNeeds): Promise<Response> {
  const { request, viewer } = visit;
  requireOwnOrigin(request);
  if (viewer) {
    requireToken(await needs.readForm(visit), viewer.formToken);
    await needs.store.sessions.end(viewer.sessionId);
  }
  const answer = redirect(withQuery(PATHS.signIn, { done: "signed_out" }));
  answer.headers.append("set-cookie", sessionCookie(request, undefined));
  return answer;
}

async function signInPage(
  { status = 200, ...props }: SignInProps & { status?: number },
): Promise<Response> {
  const element = (
    <Layout title="Sign in" viewer={undefined}>
      <SignInContent {...props} />
    </Layout>
  );
  return await html(element, status);
}
