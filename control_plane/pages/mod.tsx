/** The pages of the control plane: a function from request to response, as the REST interface is. */

import { type Context, Hono } from "hono";
import type { Log } from "../../lib/ports.ts";
import { Problem, reasonOf } from "../../lib/problem.ts";
import { adminRequired, pageUnknown } from "../../lib/problems/pages.ts";
import { rateLimited, unexpected } from "../../lib/problems/rest.ts";
import { A_KEY, MOST_WAITING } from "../api/admission.ts";
import { complaints } from "../api/complaints.ts";
import { actorOf } from "../api/who.ts";
import type { Connection } from "../api/mod.ts";
import { oneAtATime } from "../api/one_at_a_time.ts";
import { type BucketPolicy, type TokenBuckets, tokenBuckets } from "../api/token_buckets.ts";
import { assetAnswer, ICON, SCRIPT, STYLE } from "./assets.ts";
import { openEvents, watchedTables } from "./events.ts";
import { secured } from "./headers.ts";
import { AUDIT_PAGES } from "./audit/mod.tsx";
import { KEY_PAGES } from "./keys/mod.tsx";
import { PEOPLE_PAGES } from "./people/mod.tsx";
import { HOST_PAGES } from "./hosts/mod.tsx";
import { JOB_PAGES } from "./jobs/mod.tsx";
import type { Page, PageNeeds } from "./page.ts";
import { PATHS } from "./paths.ts";
import { failurePage, pageAnswer, redirect } from "./render.tsx";
import { RUN_PAGES } from "./runs/mod.tsx";
import { formOf, requireOwnOrigin, requireToken } from "./session/form.ts";
import { isHttps, ownOrigin } from "./session/own_origin.ts";
import { showSignIn, takeSignIn, takeSignOut, toSignIn } from "./session/mod.tsx";
import { recognize } from "./session/viewer.ts";
import type { Visit } from "./visit.ts";

const PAGES: readonly Page[] = [
  ...HOST_PAGES,
  ...JOB_PAGES,
  ...RUN_PAGES,
  ...PEOPLE_PAGES,
  ...KEY_PAGES,
  ...AUDIT_PAGES,
];

/** Of wrong keys ten at once, then two a minute, are told so; the others, to wait. A right one is let in. */
const WRONG_KEYS: BucketPolicy = { burst: 10, perSecond: 1 / 30 };

type PagesContext = Context<{ Bindings: Connection }>;
type Answering = (visit: Visit) => Promise<Response> | Response;

export function createPages(needs: PageNeeds): Hono<{ Bindings: Connection }> {
  const app = new Hono<{ Bindings: Connection }>();
  const failure = failureAnswering(needs);
  const visitNeeds = {
    ...needs,
    wrongKeys: tokenBuckets(WRONG_KEYS, needs.clock),
    inTurn: oneAtATime(MOST_WAITING),
  };
  const rates = tokenBuckets(A_KEY, needs.clock);
  const events = openEvents(needs);

  for (const asset of [STYLE, SCRIPT, ICON]) {
    app.get(asset.path, ({ req }) => secured(assetAnswer(asset), { isHttps: isHttps(req.raw) }));
  }
  const on = (method: string, path: string, answering: Answering) =>
    app.on(method, path, (context) => visited(context, { needs, rates, answering, failure }));

  on("GET", "/", () => redirect(PATHS.hosts));
  on("GET", PATHS.signIn, showSignIn);
  on("POST", PATHS.signIn, (visit) => takeSignIn(visit, visitNeeds));
  on("POST", PATHS.signOut, (visit) => takeSignOut(visit, visitNeeds));
  on("GET", PATHS.events, ({ viewer, address, request }) => {
    if (!viewer) return new Response(null, { status: 401 });
    // The router asks here for HEAD too, and drops the body: that stream would have no end.
    if (request.method === "HEAD") return new Response(null);
    return events(viewer.sessionId, watchedTables(address.searchParams.get("of") ?? ""));
  });
  for (const page of PAGES) {
    on(page.method, page.path, (visit) => answered(page, { visit, needs }));
  }
  app.notFound((context) => {
    const answering: Answering = ({ address }) => {
      throw pageUnknown(address.pathname);
    };
    return visited(context, { needs, rates, answering, failure });
  });
  return app;
}

/** Who is asked first; then the page, or whatever was thrown, in the viewer's frame. */
async function visited(
  context: PagesContext,
  { needs, rates, answering, failure }: {
    needs: PageNeeds;
    /** What is left of the requests of a key's sessions. */
    rates: TokenBuckets;
    answering: Answering;
    failure: (thrown: unknown, visit: Visit) => Promise<Response>;
  },
): Promise<Response> {
  const request = context.req.raw;
  const bare: Visit = {
    request,
    address: new URL(request.url),
    params: context.req.param(),
    from: context.env?.remoteAddress,
    viewer: undefined,
  };
  let visit = bare;
  let cookie: string | undefined;
  let answer: Response;
  try {
    const recognized = await recognize(request, needs.store);
    visit = { ...bare, viewer: recognized?.viewer };
    cookie = recognized?.cookie;
    const rate = visit.viewer && rates.take(visit.viewer.keyId);
    if (rate && !rate.ok) throw rateLimited(rate.waitSeconds, A_KEY.perSecond);
    answer = await answering(visit);
  } catch (thrown) {
    answer = await failure(thrown, visit);
  }
  const safe = secured(answer, { isHttps: isHttps(request) });
  if (cookie !== undefined && !safe.headers.has("set-cookie")) {
    safe.headers.append("set-cookie", cookie);
  }
  return safe;
}

/** Whoever may not do it is refused before the form is looked at; the form, before it is obeyed. */
async function answered(
  page: Page,
  { visit, needs }: { visit: Visit; needs: PageNeeds },
): Promise<Response> {
  const { request, address, params, from, viewer } = visit;
  if (!viewer) return toSignIn(visit);
  if (page.method === "POST") requireOwnOrigin(request);
  if (page.who === "admin" && !viewer.isAdmin) throw adminRequired(page.action);
  const form = page.method === "POST" ? await formOf(request, needs.clock) : new URLSearchParams();
  if (page.method === "POST") requireToken(form, viewer.formToken);
  const query = address.searchParams;
  const answer = await page.answer({
    needs,
    viewer,
    params,
    query,
    form,
    address: `${address.pathname}${address.search}`,
    origin: ownOrigin(request),
    by: actorOf({ kind: "personal", ...viewer }, from),
    now: needs.clock.now(),
  });
  return await pageAnswer(answer, { viewer, done: query.get("done") });
}

/** A bug goes to the log under an incident number, and the reader gets the number. */
function failureAnswering({ log, clock }: PageNeeds) {
  const complain = complaints(log, clock);
  return async (thrown: unknown, { viewer }: Visit): Promise<Response> => {
    if (!(thrown instanceof Problem)) return await failurePage(bug(thrown, log), viewer);
    if (thrown.status >= 500) complain(thrown);
    return await failurePage(thrown, viewer);
  };
}

function bug(thrown: unknown, log: Log): Problem {
  const incident = crypto.randomUUID();
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  log("error", "page failed", { incident, reason: reasonOf(thrown), stack });
  return unexpected(incident, thrown);
}
