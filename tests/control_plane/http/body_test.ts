/** Request bodies that cannot be read: malformed, of another type, too large, too slow or cut off. */

import assert from "node:assert/strict";
import type { ErrorBody } from "../../../lib/contract/rest.ts";
import {
  ORCHESTRATOR,
  refusal,
  type TestPlane,
  testPlane,
} from "../../fakes/control_plane/plane.ts";

const JOBS = `${ORCHESTRATOR}/jobs`;

Deno.test("malformed JSON is 400 and quotes the place of the error", async () => {
  await using plane = await testPlane();
  const { status, body } = await plane.call("POST", JOBS, { body: '{\n  "name": nightly\n}' });
  const message = "Cannot read the body as JSON: Unexpected token 'i', " +
    `..." "name": nightly }" is not valid JSON`;
  assert.equal(status, 400);
  assert.deepEqual(body, {
    code: "json_malformed",
    message,
    error: message,
    details: [{ message: "Correct the JSON there and send it again" }],
  });
});

Deno.test("a body that is not UTF-8 is 400", async () => {
  await using plane = await testPlane();
  const { status, json } = await body(postedTo(plane, new Uint8Array([0x7b, 0xff, 0x7d])));
  assert.deepEqual([status, json.code], [400, "json_malformed"]);
});

// Attacker: has a key, and sends a body that would fill the memory, with or without its length.
Deno.test("a body of more than a mebibyte is 413", async () => {
  await using plane = await testPlane();
  const body = JSON.stringify({ name: "x".repeat(1_048_576) });
  const chunked = { "content-length": "5", "transfer-encoding": "chunked" };
  const unreadable = { "content-length": "five" };
  for (const headers of [{}, { "content-length": "99999999" }, chunked, unreadable]) {
    const answer = await plane.call("POST", JOBS, { body, headers });
    assert.deepEqual(refusal(answer), { status: 413, code: "body_too_large", paths: [] });
  }
});

function postedTo(plane: TestPlane, body: BodyInit): Promise<Response> {
  return plane.fetch(
    new Request(`http://plane.test${JOBS}`, {
      method: "POST",
      headers: {
        authorization: `apikey ${plane.keys.admin}`,
        "content-type": "application/json; charset=utf-8",
      },
      body,
    }),
  );
}

// Attacker: has a key, and opens many requests that never end (slow loris).
Deno.test("a body that does not arrive within 30 s is 408", async () => {
  await using plane = await testPlane();
  const asked = Promise.withResolvers<void>();
  const answer = postedTo(
    plane,
    new ReadableStream({
      pull() {
        asked.resolve();
        return new Promise(() => {});
      },
    }, { highWaterMark: 0 }),
  );
  await asked.promise;
  plane.clock.advance(30_000);
  const { status, json } = await body(answer);
  assert.deepEqual([status, json.code], [408, "body_too_slow"]);
  assert.equal((await answer).headers.get("connection"), "close");
});

Deno.test("a body that is cut off is 400, and is not logged as a bug", async () => {
  await using plane = await testPlane();
  const broken = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"name":'));
      controller.error(new TypeError("error reading a body from connection"));
    },
  });
  const { status, json } = await body(postedTo(plane, broken));
  assert.deepEqual([status, json.code, plane.complaints], [400, "body_cut_off", []]);
});

async function body(answer: Promise<Response>): Promise<{ status: number; json: ErrorBody }> {
  const response = await answer;
  return { status: response.status, json: await response.json() };
}

Deno.test("a body with another content type than JSON is 415", async () => {
  await using plane = await testPlane();
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"]) {
    const answer = await plane.call("POST", JOBS, {
      body: "{}",
      headers: { "content-type": type },
    });
    assert.deepEqual(refusal(answer), {
      status: 415,
      code: "unsupported_media_type",
      paths: [],
    });
  }
});
