/** Makes a page's content, or a failure, into the answer that a browser gets. */

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
  /** What was asked for, the code of a notice in its query. */
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

/** With these a body may not have been read, and the rest of it is not waited for. */
const UNREAD: ReadonlySet<number> = new Set([408, 413, 429, 503]);

/**
 * With 303 a browser gets the next page by GET, and loading that one again sends no form twice; with 307
 * it sends the same form there.
 */
export function redirect(location: string, status: 303 | 307 = 303): Response {
  return new Response(null, { status, headers: { location } });
}

async function shown(page: ShownPage, { viewer, address }: Around): Promise<Response> {
  const { title, section, tables, reloadSeconds, content, status = 200 } = page;
  // Loaded again the page would go on telling what is over.
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

/** The path with this notice in its query, and with none without one. */
function withDone(path: string, done: string | undefined): string {
  const { pathname, searchParams } = new URL(path, "http://own.invalid");
  return withQuery(pathname, { ...Object.fromEntries(searchParams), done });
}

/**
 * Nothing but our own files, none of it inline, and no text made into markup by a script. A page's
 * forms lead to us only, and nobody frames it.
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
  // Not "no-referrer": with it a browser sends the Origin of our own forms as "null".
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
};
const HSTS = "max-age=31536000";

/**
 * The answer with them; pages are also kept out of every cache, unless the answer says otherwise. Not a
 * copy: the server sends the text of a fresh answer as it is, and that of a copy as a stream.
 */
export function secured(answer: Response, { isHttps }: { isHttps: boolean }): Response {
  const { headers } = answer;
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  if (isHttps) headers.set("strict-transport-security", HSTS);
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  return answer;
}
