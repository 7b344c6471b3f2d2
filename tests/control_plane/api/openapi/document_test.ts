/** Compares the OpenAPI document with the router and the schemas, and checks it with a public validator. */

import assert from "node:assert/strict";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import * as v from "valibot";
import { FAILURES, failuresOf } from "../../../../control_plane/api/failures.ts";
import {
  ANSWERS,
  BODIES,
  type NamedSchema,
} from "../../../../control_plane/api/openapi/named_schemas.ts";
import { ROUTES } from "../../../../control_plane/api/routes/mod.ts";
import { testPlane } from "../../../fakes/control_plane/plane.ts";

const DOCUMENT = "/api/v1/openapi.json";

Deno.test("the document is served without a key and names every route", async () => {
  await using plane = await testPlane();
  const { status, body } = await plane.call("GET", DOCUMENT, { as: "none" });
  assert.deepEqual([status, body.openapi], [200, "3.1.0"]);
  const operations = Object.entries<Record<string, { operationId: string }>>(body.paths)
    .flatMap(([path, item]) =>
      Object.entries(item).map(([method, { operationId }]) =>
        `${operationId} ${method.toUpperCase()} ${path}`
      )
    );
  assert.deepEqual(
    operations.toSorted(),
    ROUTES.map(({ id, method, path }) => `${id} ${method} ${path}`).toSorted(),
  );
  assert.equal(new Set(ROUTES.map(({ id }) => id)).size, ROUTES.length);
});

Deno.test("the router knows every route of the document", async () => {
  await using plane = await testPlane();
  for (const { method, path } of ROUTES) {
    const answer = await plane.call(method, path.replaceAll(/\{\w+\}/g, "x"));
    assert.notEqual(answer.body?.code, "route_unknown");
    assert.notEqual(answer.status, 405);
  }
});

/** Returns the errors that Redocly's strict rules find in a document. */
async function findings(document: unknown): Promise<readonly string[]> {
  const config = await createConfig({
    extends: ["recommended-strict"],
    // The document does not state the licence, and a route without key and input has no 4xx response.
    rules: { "info-license": "off", "operation-4xx-response": "off" },
  });
  const problems = await lintFromString({ source: JSON.stringify(document), config });
  return problems.map(({ ruleId, location: [at] }) => `${ruleId} ${at?.pointer}`);
}

Deno.test("a public validator finds no error in the document, and finds an invalid example", async () => {
  await using plane = await testPlane();
  const { body } = await plane.call("GET", DOCUMENT);
  assert.deepEqual(await findings(body), []);

  const path = "/api/v1/agent-orchestrator/jobs/{id}";
  body.paths[path].patch.requestBody.content["application/json"].example.run_limit_seconds = "7";
  assert.deepEqual(await findings(body), [
    `no-invalid-media-type-examples #/paths/${path.replaceAll("/", "~1")}` +
    "/patch/requestBody/content/application~1json/example/run_limit_seconds",
  ]);
});

Deno.test("every example is valid for its schema", () => {
  for (
    const [name, { schema, example }] of Object.entries<NamedSchema>({ ...BODIES, ...ANSWERS })
  ) {
    const { issues = [] } = v.safeParse(schema, example);
    assert.deepEqual(issues.map((issue) => [name, v.getDotPath(issue), issue.message]), []);
  }
});

Deno.test("every request and response body has a name and an example", async () => {
  await using plane = await testPlane();
  const { body } = await plane.call("GET", DOCUMENT);
  const isNamed = (schema: v.GenericSchema) =>
    Object.values<NamedSchema>({ ...BODIES, ...ANSWERS }).some((named) => named.schema === schema);
  const nameless = ROUTES.flatMap(({ id, body, answers }) =>
    [body, ...Object.values(answers)].flatMap((schema) => !schema || isNamed(schema) ? [] : [id])
  );
  assert.deepEqual(nameless, ["getOpenApi", "getHealth"]);
  for (const [name, schema] of Object.entries<{ examples: unknown[] }>(body.components.schemas)) {
    assert.equal(schema.examples.length, 1, name);
  }
});

Deno.test("each operation lists its errors with status and code", async () => {
  await using plane = await testPlane();
  const { body } = await plane.call("GET", DOCUMENT);
  for (const route of ROUTES) {
    const { responses } = body.paths[route.path][route.method.toLowerCase()];
    const found = Object.entries<{ $ref?: string }>(responses).flatMap(([status, { $ref }]) => {
      const response = $ref && body.components.responses[$ref.split("/").at(-1) ?? ""];
      if (!response) return [];
      const [error, { properties }] = response.content["application/json"].schema.allOf;
      assert.deepEqual(error, { $ref: "#/components/schemas/Error" });
      return properties.code.enum.map((code: string) => [code, Number(status)]);
    });
    assert.deepEqual(found, failuresOf(route).map((code) => [code, FAILURES[code][0]]));
  }
});

Deno.test("the operation getJob has exactly the recorded description", async () => {
  await using plane = await testPlane();
  const { body } = await plane.call("GET", DOCUMENT);
  const limits = {
    "RateLimit-Policy": { $ref: "#/components/headers/RateLimitPolicy" },
    "RateLimit": { $ref: "#/components/headers/RateLimit" },
  };
  const refused = (codes: string) => ({ $ref: `#/components/responses/${codes}` });
  assert.deepEqual(body.paths["/api/v1/agent-orchestrator/jobs/{id}"].get, {
    operationId: "getJob",
    summary: "Show a job",
    description: "Takes a Personal API Key.",
    security: [{ apikey: [] }],
    parameters: [
      { name: "id", in: "path", required: true, schema: { type: "string" } },
      {
        name: "If-None-Match",
        in: "header",
        required: false,
        description: "The entity tag of what the caller has already",
        schema: { type: "string" },
      },
    ],
    responses: {
      200: {
        description: "Done",
        content: {
          "application/json": {
            schema: { $ref: "#/components/schemas/Job" },
            example: body.components.schemas.Job.examples[0],
          },
        },
        headers: { ETag: { $ref: "#/components/headers/ETag" }, ...limits },
      },
      304: {
        description: "Still what If-None-Match names",
        headers: { ETag: { $ref: "#/components/headers/ETag" }, ...limits },
      },
      401: refused("unauthenticated"),
      403: refused("key_kind_refused"),
      404: refused("job_not_found"),
      429: refused("rate_limited-too_many_wrong_keys"),
      500: refused("internal"),
      503: refused("stopping-storage_busy-storage_unusable"),
      507: refused("storage_full"),
    },
  });
  assert.deepEqual(body.components.responses.job_not_found, {
    description: "`job_not_found`: There is no job with this id.",
    content: {
      "application/json": {
        schema: {
          allOf: [{ $ref: "#/components/schemas/Error" }, {
            type: "object",
            properties: { code: { enum: ["job_not_found"] } },
            required: ["code"],
          }],
        },
      },
    },
  });
});

Deno.test("the document and the validation allow the same page limits", async () => {
  await using plane = await testPlane();
  const { paths } = (await plane.call("GET", DOCUMENT)).body;
  const numbers = Array.from({ length: 1_002 }, (_, number) => String(number));
  const texts = [...numbers, "-1", "1.5", "007", "1e2", " 1", ""];
  for (
    const { path, query } of ROUTES.filter(({ id }) =>
      /^list(Hosts|Jobs|History|Runs|Audit)$/.test(id)
    )
  ) {
    const { name, schema } = paths[path].get.parameters
      .find(({ name }: { name: string }) => ["limit", "pageSize"].includes(name));
    const documented = texts.filter((size) => new RegExp(schema.pattern).test(size));
    assert.deepEqual([documented.length, documented.at(-1)], [200, "200"]);
    assert.deepEqual(texts.filter((size) => query && v.is(query, { [name]: size })), documented);
  }
});

Deno.test("the document requires If-Match for the change and the deletion of a job", async () => {
  await using plane = await testPlane();
  const { paths } = (await plane.call("GET", DOCUMENT)).body;
  const { patch, delete: remove } = paths["/api/v1/agent-orchestrator/jobs/{id}"];
  for (const { parameters, responses } of [patch, remove]) {
    const [, { name, required }] = parameters;
    assert.deepEqual([name, required], ["If-Match", true]);
    assert.deepEqual(responses[428], { $ref: "#/components/responses/precondition_required" });
  }
});

Deno.test("every reference in the document has a target, and every path parameter is described", async () => {
  await using plane = await testPlane();
  const { body } = await plane.call("GET", DOCUMENT);
  const text = JSON.stringify(body);
  for (const [, pointer = ""] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const target = pointer.split("/").reduce((node, name) => node?.[name], body);
    assert.ok(target, pointer);
  }
  for (const { path, method } of ROUTES) {
    const described = body.paths[path][method.toLowerCase()].parameters
      .filter((parameter: { in: string }) => parameter.in === "path")
      .map(({ name }: { name: string }) => name);
    assert.deepEqual(described, [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  }
});
