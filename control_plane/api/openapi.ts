/** The OpenAPI 3.1 document of a table of routes, made from the schemas that check the requests. */

import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { ErrorBodySchema } from "../../lib/contract/rest.ts";
import { VERSION } from "../../lib/version.ts";
import type { Route, Who } from "./route.ts";

type Json = Readonly<Record<string, unknown>>;

const WHO_WORDS: Readonly<Record<Who, string>> = {
  anyone: "Takes no key.",
  any_key: "Takes any API key of the account.",
  personal: "Takes a Personal API Key.",
  admin: "Takes the Personal API Key of an admin.",
  agent_or_admin: "Takes an Agent API Key, or the Personal API Key of an admin.",
};

export function openApiDocument(routes: readonly Route[]): Json {
  const byPath = Map.groupBy(routes, ({ path }) => path);
  return {
    openapi: "3.1.0",
    info: { title: "Bigeye control plane", version: VERSION },
    paths: Object.fromEntries([...byPath].map(([path, same]) => [path, pathItem(same)])),
    components: {
      schemas: { Error: schemaOf(ErrorBodySchema, "output") },
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
  const { id, summary, who, body, answers, media } = route;
  return {
    operationId: id,
    summary,
    description: WHO_WORDS[who],
    security: who === "anyone" ? [] : [{ apikey: [] }],
    parameters: [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)],
    ...(body ? { requestBody: { required: true, ...jsonContent(schemaOf(body, "input")) } } : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, schema]) => [status, response(schema, media)]),
      ),
      default: {
        description: "What went wrong",
        ...jsonContent({ $ref: "#/components/schemas/Error" }),
      },
    },
  };
}

function response(schema: v.GenericSchema | null, media: readonly string[] = []): Json {
  if (media.length > 0) {
    const file = { schema: { type: "string" } };
    return { description: "Done", content: Object.fromEntries(media.map((type) => [type, file])) };
  }
  if (!schema) return { description: "Done" };
  return { description: "Done", ...jsonContent(schemaOf(schema, "output")) };
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
  const { properties = {}, required = [] } = toJsonSchema(query, settings("input"));
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}

function headerParameters({ headers = {} }: Route): Json[] {
  return Object.entries(headers).map(([name, description]) => ({
    name,
    in: "header",
    required: false,
    description,
    schema: { type: "string" },
  }));
}

const jsonContent = (schema: Json): Json => ({ content: { "application/json": { schema } } });

function schemaOf(schema: v.GenericSchema, typeMode: "input" | "output"): Json {
  const { $schema: _, ...described } = toJsonSchema(schema, settings(typeMode));
  return described;
}

/** OpenAPI 3.1 takes JSON Schema 2020-12; checks that JSON Schema cannot say are left out. */
function settings(typeMode: "input" | "output") {
  return { target: "draft-2020-12", typeMode, errorMode: "ignore" } as const;
}
