/** The responses of an OpenAPI operation: success, 304, and each failure by its code. */

import type * as v from "valibot";
import { type FailureCode, FAILURES, failuresOf } from "../failures.ts";
import { contentOf, type Json, jsonContent, referenceTo } from "./schemas.ts";
import type { Route } from "../route.ts";

/** RFC 9110, and draft-ietf-httpapi-ratelimit-headers-10 for the last two. */
export const HEADER_COMPONENTS: Json = {
  ETag: header("Names this state; If-Match and If-None-Match take it", '"3.9f86d081884c7d65"'),
  RetryAfter: header("Seconds to wait", "1"),
  RateLimitPolicy: header(
    "The limit of this key: q requests within w seconds",
    '"key";q=2000;w=20',
  ),
  RateLimit: header("r requests are left, and all of them again in t seconds", '"key";r=1999;t=1'),
};

function header(description: string, example: string): Json {
  return { description, schema: { type: "string" }, example };
}

export function responses(route: Route): Json {
  const limits = route.who === "anyone" ? {} : {
    "RateLimit-Policy": headerReference("RateLimitPolicy"),
    "RateLimit": headerReference("RateLimit"),
  };
  const tag = route.tagged ? { ETag: headerReference("ETag") } : {};
  const good = Object.entries(route.answers).map(([status, schema]) =>
    [status, {
      ...answer(Number(status), schema),
      ...filesOf(route),
      ...headersOf({ ...tag, ...limits }),
    }] as const
  );
  const same = route.tagged && route.method === "GET"
    ? {
      304: { description: "Still what If-None-Match names", ...headersOf({ ...tag, ...limits }) },
    }
    : {};
  return { ...Object.fromEntries(good), ...same, ...refusals(route) };
}

const headerReference = (name: string): Json => ({ $ref: `#/components/headers/${name}` });

const headersOf = (headers: Json): Json => Object.keys(headers).length > 0 ? { headers } : {};

const WORDS: Readonly<Record<number, string>> = {
  200: "Done",
  201: "Made",
  202: "Accepted; it is done later",
  204: "Done",
};

function answer(status: number, schema: v.GenericSchema | null): Json {
  const description = WORDS[status] ?? "Done";
  return schema ? { description, ...jsonContent(schema, "output") } : { description };
}

function filesOf({ media = [] }: Route): Json {
  const file = { schema: { type: "string" } };
  return media.length > 0 ? { content: Object.fromEntries(media.map((type) => [type, file])) } : {};
}

/** `components.responses`: each set of codes that a route answers with one status. */
export function refusalComponents(routes: readonly Route[]): Json {
  return Object.fromEntries(
    routes.flatMap((route) => refusalsByStatus(route)).map(([status, codes]) => [
      nameOf(codes),
      {
        description: codes.map((code) => `\`${code}\`: ${FAILURES[code][1]}.`).join(" "),
        ...(status === 429 ? headersOf({ "Retry-After": headerReference("RetryAfter") }) : {}),
        ...contentOf({ schema: { allOf: [referenceTo("Error"), withCode(codes)] } }),
      },
    ]),
  );
}

function refusals(route: Route): Json {
  return Object.fromEntries(
    refusalsByStatus(route).map(([status, codes]) => [
      status,
      { $ref: `#/components/responses/${nameOf(codes)}` },
    ]),
  );
}

/** Names a response by its codes, which distinguish failures of the same status. */
function refusalsByStatus(route: Route): (readonly [number, readonly FailureCode[]])[] {
  return [...Map.groupBy(failuresOf(route), (code) => FAILURES[code][0])];
}

const nameOf = (codes: readonly FailureCode[]): string => codes.join("-");

const withCode = (codes: readonly FailureCode[]): Json => ({
  type: "object",
  properties: { code: { enum: codes } },
  required: ["code"],
});
