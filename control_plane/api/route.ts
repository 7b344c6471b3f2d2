/** What a REST address is: one value from which the router, the checks and the OpenAPI document come. */

import type * as v from "valibot";
import type { HostCredentials, TemporalTarget } from "../../lib/contract/host.ts";
import type { Clock, Log } from "../../lib/ports.ts";
import type { Actor, KeyOwner, Store } from "../store/mod.ts";
import type { FailureCode } from "./failures.ts";
import type { Who } from "../http/who.ts";

export interface ApiNeeds {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Told after each change that the dispatcher has to act on. */
  readonly dispatch: { wake(): void };
  readonly account: { readonly publicPem: string };
  /** Where hosts reach Temporal. */
  readonly temporal: Omit<TemporalTarget, "task_queue">;
  /** What lets a host in there. Throws `company_key_missing`. */
  readonly hostCredentials: (hostId: string) => Promise<HostCredentials>;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

type ParameterNames<PATH extends string> = PATH extends `${string}{${infer NAME}}${infer REST}`
  ? NAME | ParameterNames<REST>
  : never;

/** A call that was let in, with its input checked. */
export interface Call<BODY, QUERY, PATH extends string> {
  readonly needs: ApiNeeds;
  /** Absent only where anyone may call. */
  readonly caller: KeyOwner | undefined;
  /** The caller as the audit list names it; goes with every change. */
  readonly by: Actor;
  readonly params: Readonly<Record<ParameterNames<PATH>, string>>;
  readonly body: BODY;
  readonly query: QUERY;
  /** A request header; an empty one counts as absent. */
  header(name: string): string | undefined;
}

export interface Answer {
  readonly status: 200 | 201 | 202 | 204;
  /** Absent with 204, and with a file. */
  readonly body?: unknown;
  /** Sent piece by piece, each made when the one before is on its way. */
  readonly file?: {
    readonly type: string;
    /** As what a browser saves it. */
    readonly name: string;
    readonly pieces: AsyncIterable<string>;
  };
}

type Output<SCHEMA> = SCHEMA extends v.GenericSchema ? v.InferOutput<SCHEMA> : undefined;

export interface RouteSpec<BODY, QUERY, PATH extends string> {
  /** The name of the operation in the OpenAPI document, camelCase. */
  readonly id: string;
  /** An order without a period; in lower case it ends the sentence "Cannot …". */
  readonly summary: string;
  readonly method: Method;
  readonly path: PATH;
  readonly who: Who;
  readonly body?: BODY;
  readonly query?: QUERY;
  /** Request headers that matter, with what they mean. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether good answers carry an entity tag; a GET then answers 304 to who has that state. */
  readonly tagged?: boolean;
  /** Codes of its own refusals; what its key, body and query can lack is known from those. */
  readonly refuses?: readonly FailureCode[];
  /** Media types of the file that is answered; without them the answer is JSON. */
  readonly media?: readonly string[];
  /** Schema of each good answer by status; null for one without a body, or with a file. */
  readonly answers: Readonly<Partial<Record<Answer["status"], v.GenericSchema | null>>>;
  answer(call: Call<Output<BODY>, Output<QUERY>, PATH>): Promise<Answer> | Answer;
}

/** A route whose types were checked where it was written and do not matter to the router. */
export interface Route extends
  Omit<
    RouteSpec<v.GenericSchema | undefined, v.GenericSchema | undefined, string>,
    "answer"
  > {
  answer(call: Call<unknown, unknown, string>): Promise<Answer> | Answer;
}

/** Ties the handler's types to the route's schemas and path. */
export function route<
  const PATH extends string,
  BODY extends v.GenericSchema | undefined = undefined,
  QUERY extends v.GenericSchema | undefined = undefined,
>(spec: RouteSpec<BODY, QUERY, PATH>): Route {
  return spec as Route;
}
