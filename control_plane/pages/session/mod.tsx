/** Signing in and out. */

import { Problem } from "../../../lib/problem.ts";
import { Layout } from "../frame/layout.tsx";
import { noticeOf } from "../frame/notices.ts";
import { ownPath, PATHS, withQuery } from "../paths.ts";
import { html, redirect } from "../render.tsx";
import type { Visit, VisitNeeds } from "../visit.ts";
import { sessionCookie } from "./cookie.ts";
import { formOf, requireOwnOrigin, requireToken } from "./form.ts";
import { SignInContent } from "./sign_in_page.tsx";
import { signIn } from "./viewer.ts";

/** Leads whoever is not signed in to the sign-in, and from there back. */
export function toSignIn({ request, address }: Visit): Response {
  // What a form would have changed is not changed by coming back to its address.
  const next = request.method === "GET" ? `${address.pathname}${address.search}` : undefined;
  return redirect(withQuery(PATHS.signIn, { next }));
}

export async function showSignIn({ address, viewer }: Visit): Promise<Response> {
  const next = ownPath(address.searchParams.get("next"), PATHS.hosts);
  if (viewer) return redirect(next);
  return await signInPage({ next, notice: noticeOf(address.searchParams.get("done")) });
}

/** A wrong key shows the form again, with what is wrong; another session of the browser ends here. */
export async function takeSignIn(visit: Visit, needs: VisitNeeds): Promise<Response> {
  const { request, from, viewer } = visit;
  requireOwnOrigin(request);
  const form = await formOf(request, needs.clock);
  const next = ownPath(form.get("next"), PATHS.hosts);
  try {
    const key = (form.get("key") ?? "").trim();
    const cookie = await signIn({ request, key, from }, needs);
    if (viewer) await needs.store.sessions.end(viewer.sessionId);
    const answer = redirect(next);
    answer.headers.append("set-cookie", cookie);
    return answer;
  } catch (error) {
    if (!(error instanceof Problem) || error.exit !== "denied") throw error;
    needs.log("info", "sign-in refused", { from, code: error.code });
    const { message, hint, status } = error;
    return await signInPage({ next, error: `${message}. ${hint}.`, status });
  }
}

export async function takeSignOut(visit: Visit, needs: VisitNeeds): Promise<Response> {
  const { request, viewer } = visit;
  requireOwnOrigin(request);
  if (viewer) {
    requireToken(await formOf(request, needs.clock), viewer.formToken);
    await needs.store.sessions.end(viewer.sessionId);
  }
  const answer = redirect(withQuery(PATHS.signIn, { done: "signed_out" }));
  answer.headers.append("set-cookie", sessionCookie(request, undefined));
  return answer;
}

async function signInPage(
  { next, error, notice, status = 200 }: {
    next: string;
    error?: string;
    notice?: string | undefined;
    status?: number;
  },
): Promise<Response> {
  const element = (
    <Layout title="Sign in" viewer={undefined}>
      <SignInContent next={next} notice={notice} {...(error === undefined ? {} : { error })} />
    </Layout>
  );
  return await html(element, status);
}
