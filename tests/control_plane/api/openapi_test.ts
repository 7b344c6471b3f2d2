/** The OpenAPI document against the router it was made beside. */

import assert from "node:assert/strict";
import { ROUTES } from "../../../control_plane/api/routes/mod.ts";
import { testPlane } from "../../fakes/plane.ts";

Deno.test("the document is served without a key and names every route", async () => {
  await using plane = await testPlane();
  const { status, body } = await plane.call("GET", "/api/v1/openapi.json", { as: "none" });
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

Deno.test("one operation is written out in full", async () => {
  await using plane = await testPlane();
  const { body } = await plane.call("GET", "/api/v1/openapi.json");
  const heartbeat = body.paths["/api/v1/agent-orchestrator/hosts/{host_id}/heartbeat"].post;
  assert.deepEqual(heartbeat, {
    operationId: "recordHeartbeat",
    summary: "Record a host's heartbeat",
    description: "Takes an Agent API Key, or the Personal API Key of an admin.",
    security: [{ apikey: [] }],
    parameters: [{ name: "host_id", in: "path", required: true, schema: { type: "string" } }],
    requestBody: {
      required: true,
      content: {
        "application/json": {
          schema: {
            type: "object",
            properties: {
              installation_id: { type: "string", format: "uuid" },
              version: { type: "string", maxLength: 64 },
              active_runs: { type: "array", items: { type: "string" } },
              engine: { type: "string" },
            },
            required: ["installation_id", "version", "active_runs"],
            additionalProperties: false,
          },
        },
      },
    },
    responses: {
      200: {
        description: "Done",
        content: {
          "application/json": {
            schema: {
              type: "object",
              properties: { server_time: { type: "string" } },
              required: ["server_time"],
            },
          },
        },
      },
      default: {
        description: "What went wrong",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    },
  });
});

Deno.test("every reference of the document leads somewhere, every path parameter is described", async () => {
  await using plane = await testPlane();
  const { body } = await plane.call("GET", "/api/v1/openapi.json");
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
