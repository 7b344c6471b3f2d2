/** What the OpenAPI document says of a refusal: a test that sees another one has found a gap in it. */

import { FAILURES, failuresOf } from "../../control_plane/api/failures.ts";
import { ROUTES } from "../../control_plane/api/routes/mod.ts";

export interface Refusal {
  readonly method: string;
  /** With or without a query. */
  readonly path: string;
  readonly status: number;
  readonly code: string;
}

/** Throws unless the route's document has the code with that status. */
export function requireDocumented({ method, path, status, code }: Refusal): void {
  const [pathname = ""] = path.split("?");
  const wanted = method === "HEAD" ? "GET" : method;
  const route = ROUTES.find((route) =>
    route.method === wanted && asPattern(route.path).test(pathname)
  );
  const known = route ? failuresOf(route) : ["route_unknown", "method_not_allowed"] as const;
  const found = known.find((name) => name === code);
  if (found && FAILURES[found][0] === status) return;
  throw new Error(
    `${method} ${pathname} answers ${status} "${code}", which is not documented: name it in ` +
      `"refuses" of ${
        route ? `route ${route.id}` : "a route"
      } and in control_plane/api/failures.ts`,
  );
}

const asPattern = (path: string): RegExp => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
