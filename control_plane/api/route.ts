/** The definition of a REST route, from which the router, the checks and the OpenAPI document are built. */

import type * as v from "valibot";
import type { Actor, KeyOwner } from "../store/mod.ts";
import type { FileAnswer } from "../http/answers.ts";
import type { HttpNeeds } from "../http/needs.ts";
import type { FailureCode } from "./failures.ts";
import type { Who } from "../http/authentication.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

type ParameterNames<PATH extends string> = PATH extends `${string}{${infer NAME}}${infer REST}`
  ? NAME | ParameterNames<REST>
  : never;

/** An authorized call with validated input. */
export interface Call<BODY, QUERY, PATH extends string> {
  readonly needs: HttpNeeds;
  /** Absent only on routes that anyone may call. */
  readonly caller: KeyOwner | undefined;
  /** The caller as the audit list records it. */
  readonly by: Actor;
  readonly params: Readonly<Record<ParameterNames<PATH>, string>>;
  readonly body: BODY;
  readonly query: QUERY;
  /** Returns a request header; an empty one counts as absent. */
  header(name: string): string | undefined;
}

export interface Answer {
  readonly status: 200 | 201 | 202 | 204;
  /** Absent with status 204 and with a file. */
  readonly body?: unknown;
  /** Streamed instead of a body. */
  readonly file?: FileAnswer;
}

type Output<SCHEMA> = SCHEMA extends v.GenericSchema ? v.InferOutput<SCHEMA> : undefined;

export interface RouteSpec<BODY, QUERY, PATH extends string> {
  /** The operation's name in the OpenAPI document, camelCase. */
  readonly id: string;
  /** Imperative, without a period; in lower case it completes the sentence "Cannot …". */
  readonly summary: string;
  readonly method: Method;
  readonly path: PATH;
  readonly who: Who;
  readonly body?: BODY;
  readonly query?: QUERY;
  /** Request headers that the route reads, with descriptions. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether good responses carry an ETag; a GET then answers 304 to a matching If-None-Match. */
  readonly tagged?: boolean;
  /** The route's own error codes; those of key, body and query follow from their definitions. */
  readonly refuses?: readonly FailureCode[];
  /** Media types of a file response; default: JSON. */
  readonly media?: readonly string[];
  /** Schema of each good response by status; null without a body or with a file. */
  readonly answers: Readonly<Partial<Record<Answer["status"], v.GenericSchema | null>>>;
  answer(call: Call<Output<BODY>, Output<QUERY>, PATH>): Promise<Answer> | Answer;
}

/** A route with its types erased, for the router. */
export interface Route extends
  Omit<
    RouteSpec<v.GenericSchema | undefined, v.GenericSchema | undefined, string>,
    "answer"
  > {
  answer(call: Call<unknown, unknown, string>): Promise<Answer> | Answer;
}

/** Infers the handler's types from the route's schemas and path. */
export function route<
  const PATH extends string,
  BODY extends v.GenericSchema | undefined = undefined,
  QUERY extends v.GenericSchema | undefined = undefined,
>(spec: RouteSpec<BODY, QUERY, PATH>): Route {
  return spec as Route;
}
