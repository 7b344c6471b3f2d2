/** Renders a page, a redirect or a failure to a response with the security headers. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Problem } from "../../lib/problems/problem.ts";
import { fileAnswer } from "../http/answers.ts";
import { FailureContent, titleOf } from "./frame/failure_page.tsx";
import { Layout } from "./frame/layout.tsx";
import { noticeOf } from "./frame/notices.ts";
import type { PageAnswer, ShownPage, Viewer } from "./page.ts";
import { withQuery } from "./paths.ts";

interface Around {
  readonly viewer: Viewer | undefined;
  /** The requested path; its query may contain the code of a notice. */
  readonly address: URL;
}

export async function pageAnswer(answer: PageAnswer, around: Around): Promise<Response> {
  if ("file" in answer) return fileAnswer(answer.file, {});
  if ("goTo" in answer) return redirect(withDone(answer.goTo, answer.done));
  return await shown(answer, around);
}

export async function failurePage(problem: Problem, viewer: Viewer | undefined): Promise<Response> {
  const element = (
    <Layout title={titleOf(problem)} viewer={viewer}>
      <FailureContent problem={problem} />
    </Layout>
  );
  const answer = await html(element, problem.status);
  if (UNREAD.has(problem.status)) answer.headers.set("connection", "close");
  return answer;
}

/** With these statuses the body may be unread; closing the connection avoids reading the rest. */
const UNREAD: ReadonlySet<number> = new Set([408, 413, 429, 503]);

/**
 * 303 makes the browser GET the next page, so that a reload does not submit the form twice; 307 submits the
 * same form there.
 */
export function redirect(location: string, status: 303 | 307 = 303): Response {
  return new Response(null, { status, headers: { location } });
}

async function shown(page: ShownPage, { viewer, address }: Around): Promise<Response> {
  const { title, section, tables, reloadSeconds, content, status = 200 } = page;
  // A reload must not show the notice again.
  const to = withDone(`${address.pathname}${address.search}`, undefined);
  const element = (
    <Layout
      title={title}
      viewer={viewer}
      notice={noticeOf(address.searchParams.get("done"))}
      {...(reloadSeconds === undefined ? {} : { reload: { seconds: reloadSeconds, to } })}
      {...(section === undefined ? {} : { section })}
      {...(tables === undefined ? {} : { tables })}
    >
      {content}
    </Layout>
  );
  return await html(element, status);
}

export async function html(element: JSX.Element, status: number): Promise<Response> {
  const text = `<!DOCTYPE html>${await element.toString()}`;
  return new Response(text, { status, headers: { "content-type": "text/html; charset=utf-8" } });
}

/** Returns the path with this notice in its query, or without any. */
function withDone(path: string, done: string | undefined): string {
  const { pathname, searchParams } = new URL(path, "http://own.invalid");
  return withQuery(pathname, { ...Object.fromEntries(searchParams), done });
}

/**
 * Content-Security-Policy: only our own files, nothing inline, no markup from strings (Trusted Types), forms
 * only to ourselves, no framing.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  // Not "no-referrer", with which a browser sends "null" as the Origin of our own forms.
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
};
const HSTS = "max-age=31536000";

/**
 * Adds the security headers, and no-store unless the response has its own cache-control. Changes the
 * response in place: the server sends a fresh response's text at once, but a copy's as a stream.
 */
export function secured(answer: Response, { isHttps }: { isHttps: boolean }): Response {
  const { headers } = answer;
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  if (isHttps) headers.set("strict-transport-security", HSTS);
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  return answer;
}
