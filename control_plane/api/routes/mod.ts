/** All routes, in the order of the OpenAPI document. */

import * as v from "valibot";
import { API } from "../../../lib/contract/rest.ts";
import { openApiDocument } from "../openapi.ts";
import { type Route, route } from "../route.ts";
import { HOST_ROUTES } from "./hosts.ts";
import { JOB_ROUTES } from "./jobs.ts";
import { KEY_ROUTES } from "./keys.ts";
import { RUN_ROUTES } from "./runs.ts";

const health = route({
  id: "getHealth",
  summary: "Tell whether the control plane answers and reaches its store",
  method: "GET",
  path: "/healthz",
  who: "anyone",
  answers: { 200: v.object({ status: v.literal("ok") }) },
  async answer({ needs }) {
    await needs.store.accounts.hasUsers();
    return { status: 200, body: { status: "ok" } };
  },
});

const document = route({
  id: "getOpenApi",
  summary: "Show this interface as an OpenAPI 3.1 document",
  method: "GET",
  path: `${API}/openapi.json`,
  who: "anyone",
  answers: { 200: v.looseObject({ openapi: v.string() }) },
  answer: () => ({ status: 200, body: openApiDocument(ROUTES) }),
});

export const ROUTES: readonly Route[] = [
  ...KEY_ROUTES,
  ...HOST_ROUTES,
  ...JOB_ROUTES,
  ...RUN_ROUTES,
  document,
  health,
];
