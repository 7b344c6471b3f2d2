/** What the product may not use on the pinned Deno (tests/acceptance/runtime_facts_test.ts has the facts). */

import assert from "node:assert/strict";
import { productFiles, textOf } from "./source_files.ts";

const PRODUCT = productFiles().map((path) => ({ path, text: textOf(path) }));
const having = (pattern: RegExp) =>
  PRODUCT.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

Deno.test("Temporal is reached over a native connection only", () => {
  // The client's own connection (grpc-js) never gets through on the pinned Deno.
  const named = /import\s+(?:type\s+)?\{[^}]*\bConnection\b[^}]*\}\s*from\s+"@temporalio\/client"/;
  assert.deepEqual(having(named), []);
  assert.deepEqual(having(/(?<!Native)\bConnection\.(?:connect|lazy)\(/), []);
  assert.deepEqual(having(/\bNativeConnection\.connect\(/), ["lib/temporal/connection.ts"]);
});

Deno.test("nothing of the product serves TLS, which would not check a client's certificate", () => {
  assert.deepEqual(having(/"node:(?:tls|https|http2)"|\bDeno\.(?:listenTls|startTls)\b/), []);
  // Deno.serve is TLS where it is given a key.
  assert.deepEqual(having(/\bDeno\.serve\([^)]*\b(?:cert|key)\b/), []);
});

Deno.test("no wait hangs on AbortSignal.any, which Deno 2.7.11 collects while listeners wait", () => {
  assert.deepEqual(having(/AbortSignal\.any\(/), []);
});
