/** What a page is: one value from which the router and the checks of who may open it come. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Problem } from "../../lib/problems/problem.ts";
import type { Answer, ApiNeeds } from "../api/route.ts";
import type { SerialQueue, TokenBuckets } from "../http/rate_limit.ts";
import type { WatchedTable } from "../store/changes.ts";
import type { Actor, User } from "../store/mod.ts";
import type { NoticeCode } from "./frame/notices.ts";
import type { ReadForm } from "./session/form_reader.ts";

export type PageNeeds = Pick<ApiNeeds, "store" | "clock" | "log" | "dispatch">;

/** Who is looking. */
export interface Viewer {
  readonly user: User;
  readonly keyId: string;
  readonly sessionId: string;
  /** What each form must bring back. */
  readonly formToken: string;
  readonly isAdmin: boolean;
}

type ParameterNames<PATH extends string> = PATH extends `${string}:${infer NAME}/${infer REST}`
  ? NAME | ParameterNames<REST>
  : PATH extends `${string}:${infer NAME}` ? NAME
  : never;

/** A request that was let in. */
export interface PageCall<PATH extends string> {
  readonly needs: PageNeeds;
  readonly viewer: Viewer;
  readonly params: Readonly<Record<ParameterNames<PATH>, string>>;
  readonly query: URLSearchParams;
  /** The fields of a form; none with GET. */
  readonly form: URLSearchParams;
  /** Path and query as they were asked for. */
  readonly address: string;
  /** Where the viewer's browser sees us, as in `https://bigeye.example`. */
  readonly origin: string;
  /** As whom the audit list names the viewer. */
  readonly by: Actor;
  readonly now: Date;
}

export type Section = "hosts" | "jobs" | "runs" | "people" | "keys" | "audit";

/** A page to show. */
export interface ShownPage {
  readonly title: string;
  readonly section?: Section;
  readonly content: JSX.Element;
  /** Changes of these refresh the page's live regions. */
  readonly tables?: readonly WatchedTable[];
  /** Default 200. */
  readonly status?: number;
  /** Without a script, load it again after this many seconds: nothing may be typed on such a page. */
  readonly reloadSeconds?: number;
}

/** Where a form leads once it has been obeyed. */
export interface Elsewhere {
  readonly goTo: string;
  readonly done?: NoticeCode;
}

/** A file to keep. */
export interface Download {
  readonly file: NonNullable<Answer["file"]>;
}

export type PageAnswer = ShownPage | Elsewhere | Download;

export interface PageSpec<PATH extends string> {
  readonly method: "GET" | "POST";
  readonly path: PATH;
  /** Members may look, admins act. */
  readonly who: "anyone signed in" | "admin";
  /** Ends the sentence "Cannot …". */
  readonly action: string;
  answer(call: PageCall<PATH>): Promise<PageAnswer>;
  /**
   * Of a form in which something is typed: the form once more, as it was sent, with what keeps it from
   * being obeyed. Nothing may be changed, as the form need not be of this session.
   */
  again?(call: PageCall<PATH>, problem: Problem): Promise<ShownPage>;
}

export type Page = Omit<PageSpec<string>, "answer" | "again"> & {
  answer(call: PageCall<string>): Promise<PageAnswer>;
  again?(call: PageCall<string>, problem: Problem): Promise<ShownPage>;
};

/** Ties the answer's parameters to the path. */
export function page<const PATH extends string>(spec: PageSpec<PATH>): Page {
  return spec as Page;
}

export interface Visit {
  readonly request: Request;
  readonly address: URL;
  /** What the path's parameters stand for. */
  readonly params: Readonly<Record<string, string>>;
  /** The caller's IP address. */
  readonly from: string | undefined;
  /** Absent when nobody is signed in. */
  readonly viewer: Viewer | undefined;
}

export interface VisitNeeds extends PageNeeds {
  /** What is left of the wrong keys that a network may send. */
  readonly wrongKeys: TokenBuckets;
  /** For keys of a network that has none left. */
  readonly inTurn: SerialQueue;
  readonly readForm: ReadForm;
}
