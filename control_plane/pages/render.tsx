/** Makes a page's content, or a failure, into the answer that a browser gets. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Problem } from "../../lib/problem.ts";
import { fileAnswer } from "../api/file_answer.ts";
import { FailureContent, titleOf } from "./frame/failure_page.tsx";
import { Layout } from "./frame/layout.tsx";
import { noticeOf } from "./frame/notices.ts";
import type { PageAnswer, ShownPage, Viewer } from "./page.ts";
import { withQuery } from "./paths.ts";

interface Around {
  readonly viewer: Viewer | undefined;
  /** The code of a notice in the address. */
  readonly done?: string | null;
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
  return await html(element, problem.status);
}

/**
 * With 303 a browser gets the next page by GET, and loading that one again sends no form twice; with 307
 * it sends the same form there.
 */
export function redirect(location: string, status: 303 | 307 = 303): Response {
  return new Response(null, { status, headers: { location } });
}

async function shown(page: ShownPage, { viewer, done = null }: Around): Promise<Response> {
  const { title, section, tables, reloadSeconds, content, status = 200 } = page;
  const element = (
    <Layout
      title={title}
      viewer={viewer}
      notice={noticeOf(done)}
      reloadSeconds={reloadSeconds}
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

function withDone(path: string, done: string | undefined): string {
  if (done === undefined) return path;
  const url = new URL(path, "http://own.invalid");
  url.searchParams.set("done", done);
  return withQuery(url.pathname, Object.fromEntries(url.searchParams));
}
