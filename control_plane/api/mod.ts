/** The REST interface: the table of routes as a Hono application. */

import { type Context, Hono } from "hono";
import { withJsonNames } from "../../lib/contract/messages/proto_json.ts";
import { inputInvalid, methodRefused, routeUnknown } from "../../lib/problems/rest.ts";
import { actorOf, type Admission, admission, authorize } from "../http/authentication.ts";
import { fileAnswer, problemAnswer, problemFor, throttledErrorLog } from "../http/answers.ts";
import { etagOf, isKnown } from "./etag.ts";
import { checked, jsonBody } from "../http/body.ts";
import type { Connection, HttpNeeds } from "../http/needs.ts";
import type { Answer, Route } from "./route.ts";
import { ROUTES } from "./routes/mod.ts";

type ApiContext = Context<{ Bindings: Connection }>;

/** Builds the application, a function from request to response. It does not listen and owns no resources. */
export function createApi(needs: HttpNeeds): Hono<{ Bindings: Connection }> {
  const app = new Hono<{ Bindings: Connection }>();
  const logFailure = throttledErrorLog(needs.log, needs.clock);
  const failed = (error: unknown, headers: Readonly<Record<string, string>>) =>
    problemAnswer(problemFor(error, { log: needs.log, logFailure }), headers);
  const admit = admission(needs.store.accounts, needs.clock);
  for (const [path, routes] of Map.groupBy(ROUTES, (route) => honoPath(route.path))) {
    const allowed = routes.map((route) => route.method);
    app.all(path, async (context) => {
      const { method } = context.req;
      // Hono answers HEAD like GET, without the body.
      const wanted = method === "HEAD" ? "GET" : method;
      const route = routes.find((route) => route.method === wanted);
      if (!route) {
        return problemAnswer(methodRefused(method, allowed), { allow: allowed.join(", ") });
      }
      const sent: Record<string, string> = {};
      const incoming = { context, needs, admit, sent };
      return await answered(route, incoming).catch((error: unknown) => failed(error, sent));
    });
  }
  app.notFound(({ req }) => problemAnswer(routeUnknown(req.path)));
  app.onError((error) => failed(error, {}));
  return app;
}

interface Incoming {
  readonly context: ApiContext;
  readonly needs: HttpNeeds;
  readonly admit: Admission;
  /** Headers of the response, whatever its status. */
  readonly sent: Record<string, string>;
}

/** Authenticates before reading the body, so that a refused body tells an unauthenticated caller nothing. */
async function answered(
  route: Route,
  { context, needs, admit, sent }: Incoming,
): Promise<Response> {
  const { req } = context;
  const from = context.env?.remoteAddress;
  const authorization = req.header("authorization");
  const caller = route.who === "anyone" ? undefined : await admit({ authorization, from, sent });
  if (caller) authorize(caller, { who: route.who, action: lowerFirst(route.summary) });
  const answer = await route.answer({
    needs,
    caller,
    by: actorOf(caller, from),
    params: req.param(),
    body: route.body &&
      checked(route.body, withJsonNames(route.body, await jsonBody(req.raw, needs.clock))),
    query: route.query && checked(route.query, singleValues(req.queries())),
    header: (name) => req.header(name) || undefined,
  });
  needs.log("debug", "request answered", { operation: route.id, status: answer.status });
  if (!route.tagged) return rendered(answer, sent);
  const etag = await etagOf(answer.body);
  const isFresh = route.method === "GET" && isKnown(etag, req.header("if-none-match"));
  return isFresh
    ? new Response(null, { status: 304, headers: { ...sent, etag } })
    : rendered(answer, { ...sent, etag });
}

/** Reads the query and rejects repeated parameters instead of choosing one. @throws `invalid_input`. */
function singleValues(all: Readonly<Record<string, string[]>>): Record<string, string | undefined> {
  const repeated = Object.keys(all).filter((name) => all[name]?.length !== 1);
  if (repeated.length > 0) {
    throw inputInvalid(repeated.map((path) => ({ path, message: "may be given only once" })));
  }
  return Object.fromEntries(Object.entries(all).map(([name, [value]]) => [name, value]));
}

function rendered(
  { status, body, file }: Answer,
  more: Readonly<Record<string, string>>,
): Response {
  const headers = { "cache-control": "no-store", ...more };
  if (file) return fileAnswer(file, headers);
  return status === 204
    ? new Response(null, { status, headers })
    : Response.json(body, { status, headers });
}

const honoPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ":$1");

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
