/** All routes, in the order of the OpenAPI document. */

import * as v from "valibot";
import { API } from "../../../lib/contract/rest.ts";
import { openApiDocument } from "../openapi/document.ts";
import { type Route, route } from "../route.ts";
import { AUDIT_ROUTES } from "./audit.ts";
import { HOST_ROUTES } from "./hosts.ts";
import { JOB_ROUTES } from "./jobs.ts";
import { KEY_ROUTES } from "./keys.ts";
import { PERSONAL_KEY_ROUTES } from "./personal_keys.ts";
import { RUN_ROUTES } from "./runs.ts";
import { USER_ROUTES } from "./users.ts";

const health = route({
  id: "getHealth",
  summary: "Check that the control plane reaches its database",
  method: "GET",
  path: "/healthz",
  who: "anyone",
  answers: { 200: v.object({ status: v.literal("ok") }) },
  async answer({ needs }) {
    await needs.store.accounts.hasUsers();
    return { status: 200, body: { status: "ok" } };
  },
});

/** Generated at the first request, because it takes 0.1 s. */
let described: ReturnType<typeof openApiDocument> | undefined;

const document = route({
  id: "getOpenApi",
  summary: "Show this interface as an OpenAPI 3.1 document",
  method: "GET",
  path: `${API}/openapi.json`,
  who: "anyone",
  answers: { 200: v.looseObject({ openapi: v.string() }) },
  answer: () => ({ status: 200, body: described ??= openApiDocument(ROUTES) }),
});

export const ROUTES: readonly Route[] = [
  ...PERSONAL_KEY_ROUTES,
  ...KEY_ROUTES,
  ...USER_ROUTES,
  ...HOST_ROUTES,
  ...JOB_ROUTES,
  ...RUN_ROUTES,
  ...AUDIT_ROUTES,
  document,
  health,
];
