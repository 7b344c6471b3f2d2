/** The pages of the control plane, as a function from request to response. */

import { type Context, Hono } from "hono";
import { Problem } from "../../lib/problems/problem.ts";
import { adminRequired, pageUnknown } from "../../lib/problems/pages.ts";
import { rateLimited } from "../../lib/problems/rest.ts";
import { actorOf, KEY_POLICY, MAX_QUEUED_LOOKUPS } from "../http/authentication.ts";
import { problemFor, throttledErrorLog } from "../http/answers.ts";
import type { Connection } from "../http/needs.ts";
import {
  type BucketPolicy,
  serialQueue,
  type TokenBuckets,
  tokenBuckets,
} from "../http/rate_limit.ts";
import { assetAnswer, ICON, SCRIPT, STYLE } from "./assets/mod.ts";
import { openEvents, watchedTables } from "./events.ts";
import { failurePage, pageAnswer, redirect, secured } from "./render.tsx";
import { AUDIT_PAGES } from "./audit/mod.tsx";
import { KEY_PAGES } from "./keys/mod.tsx";
import { PEOPLE_PAGES } from "./people/mod.tsx";
import { HOST_PAGES } from "./hosts/mod.tsx";
import { JOB_PAGES } from "./jobs/mod.tsx";
import type { Page, PageCall, PageNeeds, Visit, VisitNeeds } from "./page.ts";
import { PATHS } from "./paths.ts";
import { RUN_PAGES } from "./runs/mod.tsx";
import { isOwnForm, keptIn, requireOwnOrigin, requireToken } from "./session/form.ts";
import { formReader } from "./session/form_reader.ts";
import { isHttps, ownOrigin } from "./session/own_origin.ts";
import { showSignIn, signInBefore, takeSignIn, takeSignOut, toSignIn } from "./session/mod.tsx";
import { recognize } from "./session/viewer.ts";

/** All pages except sign-in. */
export const PAGES: readonly Page[] = [
  ...HOST_PAGES,
  ...JOB_PAGES,
  ...RUN_PAGES,
  ...PEOPLE_PAGES,
  ...KEY_PAGES,
  ...AUDIT_PAGES,
];

/** Wrong keys per network: ten at once, then two a minute. Beyond that, keys must wait; a valid key is still admitted. */
const WRONG_KEYS: BucketPolicy = { burst: 10, perSecond: 1 / 30 };

type PagesContext = Context<{ Bindings: Connection }>;
type Answering = (visit: Visit) => Promise<Response> | Response;

export function createPages(needs: PageNeeds): Hono<{ Bindings: Connection }> {
  const app = new Hono<{ Bindings: Connection }>();
  const logFailure = throttledErrorLog(needs.log, needs.clock);
  const failure = (thrown: unknown, { viewer }: Visit) =>
    failurePage(problemFor(thrown, { log: needs.log, logFailure }), viewer);
  const visitNeeds: VisitNeeds = {
    ...needs,
    wrongKeys: tokenBuckets(WRONG_KEYS, needs.clock),
    inTurn: serialQueue(MAX_QUEUED_LOOKUPS),
    readForm: formReader(needs.clock),
  };
  const excess = excessOver(tokenBuckets(KEY_POLICY, needs.clock));
  const events = openEvents(needs);

  for (const asset of [STYLE, SCRIPT, ICON]) {
    app.get(asset.path, ({ req }) => secured(assetAnswer(asset), { isHttps: isHttps(req.raw) }));
  }
  const on = (method: string, path: string, answering: Answering) =>
    app.on(method, path, (context) => visited(context, { needs, answering, failure }));
  const onCounted = (method: string, path: string, answering: Answering) =>
    on(method, path, (visit) => {
      const tooMany = excess(visit);
      if (tooMany) throw tooMany;
      return answering(visit);
    });

  onCounted("GET", "/", () => redirect(PATHS.hosts));
  onCounted("GET", PATHS.signIn, showSignIn);
  onCounted("POST", PATHS.signIn, (visit) => takeSignIn(visit, visitNeeds));
  onCounted("POST", PATHS.signOut, (visit) => takeSignOut(visit, visitNeeds));
  onCounted("GET", PATHS.events, ({ viewer, address, request }) => {
    if (!viewer) return new Response(null, { status: 401 });
    // The router also calls this for HEAD and drops the body, which would leave the stream open.
    if (request.method === "HEAD") return new Response(null);
    return events(viewer.sessionId, watchedTables(address.searchParams.get("of") ?? ""));
  });
  for (const page of PAGES) {
    on(
      page.method,
      page.path,
      (visit) => answered(page, { visit, needs: visitNeeds, excess, logFailure }),
    );
  }
  app.notFound((context) => {
    const answering: Answering = (visit) => {
      throw excess(visit) ?? pageUnknown(visit.address.pathname);
    };
    return visited(context, { needs, answering, failure });
  });
  return app;
}

/** Counts a request against the limit of the key's sessions. @throws `rate_limited`. */
type Excess = (visit: Visit) => Problem | undefined;

function excessOver(rates: TokenBuckets): Excess {
  return ({ viewer }) => {
    const rate = viewer && rates.take(viewer.keyId);
    return rate && !rate.ok ? rateLimited(rate.waitSeconds, KEY_POLICY.perSecond) : undefined;
  };
}

/** Finds the viewer, then renders the page, or the failure, in the viewer's frame. */
async function visited(
  context: PagesContext,
  { needs, answering, failure }: {
    needs: PageNeeds;
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
    const recognized = await recognize(bare, needs.store);
    visit = { ...bare, viewer: recognized?.viewer };
    cookie = recognized?.cookie;
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

interface Answered {
  readonly visit: Visit;
  readonly needs: VisitNeeds;
  readonly excess: Excess;
  readonly logFailure: (problem: Problem) => void;
}

/** Checks the viewer's rights before reading the form, and the form before acting on it. */
async function answered(
  page: Page,
  { visit, needs, excess, logFailure }: Answered,
): Promise<Response> {
  const { request, address, params, from, viewer } = visit;
  const isForm = page.method === "POST";
  if (!viewer) {
    return page.redisplay && isOwnForm(request)
      ? await signInBefore(visit, needs)
      : toSignIn(visit);
  }
  const tooMany = excess(visit);
  if (tooMany && !page.redisplay) throw tooMany;
  if (isForm) requireOwnOrigin(request);
  if (page.who === "admin" && !viewer.isAdmin) throw adminRequired(page.action);
  const form = isForm ? keptIn(await needs.readForm(visit)) : new URLSearchParams();
  const query = address.searchParams;
  const call: PageCall<string> = {
    needs,
    viewer,
    params,
    query,
    form,
    address: `${address.pathname}${address.search}`,
    origin: ownOrigin(request),
    by: actorOf({ kind: "personal", ...viewer }, from),
    now: needs.clock.now(),
  };
  const around = { viewer, address };
  try {
    if (tooMany) throw tooMany;
    if (isForm) requireToken(form, viewer.formToken);
    return await pageAnswer(await page.answer(call), around);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    const shown = await page.redisplay?.(call, problem).catch(unlessRefused);
    if (!shown) throw problem;
    if (problem.status >= 500) logFailure(problem);
    return await pageAnswer({ ...shown, status: problem.status }, around);
  }
}

/** Redisplays the form; if that fails, reports the original problem. */
function unlessRefused(thrown: unknown): void {
  if (!(thrown instanceof Problem)) throw thrown;
}
