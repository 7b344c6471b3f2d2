/** Checks that the responses in tests are as the OpenAPI document says. */

import assert from "node:assert/strict";
import * as v from "valibot";
import { FAILURES, failuresOf } from "../../../control_plane/api/failures.ts";
import type { Answer, Route } from "../../../control_plane/api/route.ts";
import { ROUTES } from "../../../control_plane/api/routes/mod.ts";
import { ErrorBodySchema } from "../../../lib/contract/rest.ts";

export interface Seen {
  readonly method: string;
  /** With or without a query. */
  readonly path: string;
  readonly status: number;
  /** Parsed JSON or the text; undefined if the response has no body. */
  readonly body: unknown;
}

/** @throws if the document of the route lacks the status, or has another body for it. */
export function requireDocumented({ method, path, status, body }: Seen): void {
  const [pathname = ""] = path.split("?");
  const wanted = method === "HEAD" ? "GET" : method;
  const route = ROUTES.find((route) =>
    route.method === wanted && asPattern(route.path).test(pathname)
  );
  const place = `the ${status} of ${route ? `route ${route.id}` : `${method} ${pathname}`}`;
  // A response without a body, such as to HEAD, has no code.
  if (status >= 400 && body !== undefined) requireRefusal(route, { status, body, place });
  if (status < 400 && method !== "HEAD") requireGood(route, { status, body, place });
}

type Held = Pick<Seen, "status" | "body"> & { readonly place: string };

function requireRefusal(route: Route | undefined, { status, body, place }: Held): void {
  const { code } = whole(ErrorBodySchema, body, place);
  const known = route ? failuresOf(route) : ["route_unknown", "method_not_allowed"] as const;
  const found = known.find((name) => name === code);
  if (found && FAILURES[found][0] === status) return;
  throw new Error(
    `"${code}" is not documented as ${place}: name it in its "refuses" and in ` +
      "control_plane/api/failures.ts",
  );
}

function requireGood(route: Route | undefined, { status, body, place }: Held): void {
  const isSame = status === 304 && route?.tagged && route.method === "GET";
  const schema = isSame ? null : route?.answers[status as Answer["status"]];
  if (schema === undefined) throw new Error(`${place} is not documented`);
  if (schema) whole(schema, body, place);
  else assert.equal(route?.media ? typeof body : body, route?.media ? "string" : undefined, place);
}

/** Returns the body. @throws if it does not match the schema, or has fields that the schema lacks. */
function whole<SCHEMA extends v.GenericSchema>(
  schema: SCHEMA,
  body: unknown,
  place: string,
): v.InferOutput<SCHEMA> {
  const { success, output, issues = [] } = v.safeParse(schema, body);
  assert.deepEqual(issues.map((issue) => [v.getDotPath(issue), issue.message]), [], place);
  assert.deepEqual(body, output, `${place} is not as documented`);
  return success ? output : body;
}

const asPattern = (path: string): RegExp => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
