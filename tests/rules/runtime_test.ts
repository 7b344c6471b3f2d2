/** Functions that the product must not use on the pinned Deno. tests/acceptance/runtime_facts_test.ts shows why. */

import assert from "node:assert/strict";
import { productFiles, textOf } from "./source_files.ts";

const PRODUCT = productFiles().map((path) => ({ path, text: textOf(path) }));
const having = (pattern: RegExp) =>
  PRODUCT.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

Deno.test("only native connections to Temporal are used", () => {
  // The client's own connection (grpc-js) does not work on the pinned Deno.
  const named = /import\s+(?:type\s+)?\{[^}]*\bConnection\b[^}]*\}\s*from\s+"@temporalio\/client"/;
  assert.deepEqual(having(named), []);
  assert.deepEqual(having(/(?<!Native)\bConnection\.(?:connect|lazy)\(/), []);
  assert.deepEqual(having(/\bNativeConnection\.connect\(/), ["lib/temporal/connection.ts"]);
});

Deno.test("the product never serves TLS, because Deno does not check the client's certificate", () => {
  assert.deepEqual(having(/"node:(?:tls|https|http2)"|\bDeno\.(?:listenTls|startTls)\b/), []);
  // Deno.serve with a key serves TLS.
  assert.deepEqual(having(/\bDeno\.serve\([^)]*\b(?:cert|key)\b/), []);
});

Deno.test("AbortSignal.any is not used, because Deno 2.7.11 collects it while listeners wait", () => {
  assert.deepEqual(having(/AbortSignal\.any\(/), []);
});
