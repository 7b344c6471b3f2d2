/** The definition of a page, from which the router and the access checks are built. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Problem } from "../../lib/problems/problem.ts";
import type { FileAnswer } from "../http/answers.ts";
import type { HttpNeeds } from "../http/needs.ts";
import type { SerialQueue, TokenBuckets } from "../http/rate_limit.ts";
import type { WatchedTable } from "../store/changes.ts";
import type { Actor, User } from "../store/mod.ts";
import type { NoticeCode } from "./frame/notices.ts";
import type { ReadForm } from "./session/form_reader.ts";

export type PageNeeds = Pick<HttpNeeds, "store" | "clock" | "log" | "dispatch">;

/** The signed-in user. */
export interface Viewer {
  readonly user: User;
  readonly keyId: string;
  readonly sessionId: string;
  /** The CSRF token of the session's forms. */
  readonly formToken: string;
  readonly isAdmin: boolean;
}

type ParameterNames<PATH extends string> = PATH extends `${string}:${infer NAME}/${infer REST}`
  ? NAME | ParameterNames<REST>
  : PATH extends `${string}:${infer NAME}` ? NAME
  : never;

/** An authorized request. */
export interface PageCall<PATH extends string> {
  readonly needs: PageNeeds;
  readonly viewer: Viewer;
  readonly params: Readonly<Record<ParameterNames<PATH>, string>>;
  readonly query: URLSearchParams;
  /** The form's fields; empty for GET. */
  readonly form: URLSearchParams;
  /** The requested path and query. */
  readonly address: string;
  /** Our origin as the viewer's browser sees it, for example `https://bigeye.example`. */
  readonly origin: string;
  /** The viewer as the audit list records them. */
  readonly by: Actor;
  readonly now: Date;
}

export type Section = "hosts" | "jobs" | "runs" | "people" | "keys" | "audit";

/** A rendered page. */
export interface ShownPage {
  readonly title: string;
  readonly section?: Section;
  readonly content: JSX.Element;
  /** Tables whose changes refresh the page's live regions. */
  readonly tables?: readonly WatchedTable[];
  /** Default: 200. */
  readonly status?: number;
  /** Without JavaScript, reload after this many seconds; only for pages without input fields. */
  readonly reloadSeconds?: number;
}

/** A redirect after a successful form. */
export interface Redirect {
  readonly goTo: string;
  readonly done?: NoticeCode;
}

/** A file download. */
export interface Download {
  readonly file: FileAnswer;
}

export type PageAnswer = ShownPage | Redirect | Download;

export interface PageSpec<PATH extends string> {
  readonly method: "GET" | "POST";
  readonly path: PATH;
  /** Members may read, admins may change. */
  readonly who: "anyone signed in" | "admin";
  /** Completes the sentence "Cannot …". */
  readonly action: string;
  answer(call: PageCall<PATH>): Promise<PageAnswer>;
  /**
   * For forms with input: renders the form again as submitted, with the problem. Must not change anything,
   * because the form may belong to another session.
   */
  redisplay?(call: PageCall<PATH>, problem: Problem): Promise<ShownPage>;
}

export type Page = Omit<PageSpec<string>, "answer" | "redisplay"> & {
  answer(call: PageCall<string>): Promise<PageAnswer>;
  redisplay?(call: PageCall<string>, problem: Problem): Promise<ShownPage>;
};

/** Infers the handler's parameters from the path. */
export function page<const PATH extends string>(spec: PageSpec<PATH>): Page {
  return spec as Page;
}

export interface Visit {
  readonly request: Request;
  readonly address: URL;
  /** The values of the path's parameters. */
  readonly params: Readonly<Record<string, string>>;
  /** The caller's IP address. */
  readonly from: string | undefined;
  /** Absent without a session. */
  readonly viewer: Viewer | undefined;
}

export interface VisitNeeds extends PageNeeds {
  /** The limit of wrong keys per network. */
  readonly wrongKeys: TokenBuckets;
  /** The queue for keys of a limited network. */
  readonly inTurn: SerialQueue;
  readonly readForm: ReadForm;
}
