/** Generates the OpenAPI 3.1 document from the routes and the schemas that validate requests. */

import { toJsonSchema } from "@valibot/to-json-schema";
import { VERSION } from "../../../lib/version.ts";
import { HEADER_COMPONENTS, refusalComponents, responses } from "./answers.ts";
import { type Json, jsonContent, schemaComponents } from "./schemas.ts";
import type { Route } from "../route.ts";
import type { Who } from "../../http/authentication.ts";

const WHO_WORDS: Readonly<Record<Who, string>> = {
  anyone: "Takes no key.",
  any_key: "Takes any API key of the account.",
  personal: "Takes a Personal API Key.",
  admin: "Takes the Personal API Key of an admin.",
  agent_or_admin: "Takes an Agent API Key, or the Personal API Key of an admin.",
};

const DESCRIPTION = `Hosts, jobs and runs of one account.

Errors have a body with a stable \`code\`, a message for people, and details; the last of the details \
says what to do. \`route_unknown\` and \`method_not_allowed\` are answered for what is not listed here.

Lists come in pages: \`paginationInfo.nextCursor\` of one page is the \`pageCursor\` of the next, and \
absent at the end.

A job and a run carry an \`ETag\`. \`If-None-Match\` saves a caller what it has; \`If-Match\` keeps a \
change of a job from overwriting another one, and is answered with 412 when there was one; without it \
428 is answered.

Each key may send a number of requests: \`RateLimit\` tells how many are left, and 429 comes with \
\`Retry-After\`.`;

export function openApiDocument(routes: readonly Route[]): Json {
  const byPath = Map.groupBy(routes, ({ path }) => path);
  return {
    openapi: "3.1.0",
    info: {
      title: "Bigeye control plane",
      version: VERSION,
      summary: "Runs Bigeye's batch agents on the company's own hosts",
      description: DESCRIPTION,
    },
    servers: [{ url: "/" }],
    paths: Object.fromEntries([...byPath].map(([path, same]) => [path, pathItem(same)])),
    components: {
      schemas: schemaComponents(),
      headers: HEADER_COMPONENTS,
      responses: refusalComponents(routes),
      securitySchemes: {
        apikey: {
          type: "apiKey",
          in: "header",
          name: "Authorization",
          description: 'The word "apikey", a space, and the key',
        },
      },
    },
  };
}

function pathItem(routes: readonly Route[]): Json {
  return Object.fromEntries(
    routes.map((route) => [route.method.toLowerCase(), operation(route)]),
  );
}

function operation(route: Route): Json {
  const { id, summary, who, body } = route;
  return {
    operationId: id,
    summary,
    description: WHO_WORDS[who],
    security: who === "anyone" ? [] : [{ apikey: [] }],
    parameters: [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)],
    ...(body ? { requestBody: { required: true, ...jsonContent(body, "input") } } : {}),
    responses: responses(route),
  };
}

function pathParameters({ path }: Route): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters({ query }: Route): Json[] {
  if (!query) return [];
  const { properties = {}, required = [] } = toJsonSchema(query, {
    target: "draft-2020-12",
    typeMode: "input",
    errorMode: "ignore",
  });
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}

const IF_NONE_MATCH = { "If-None-Match": "The entity tag of what the caller has already" };

function headerParameters({ headers, tagged, method }: Route): Json[] {
  const taken = { ...(tagged && method === "GET" ? IF_NONE_MATCH : {}), ...headers };
  return Object.entries(taken).map(([name, description]) => ({
    name,
    in: "header",
    // Only changes that must not overwrite another one take If-Match.
    required: name === "If-Match",
    description,
    schema: { type: "string" },
  }));
}
