/** What the product may not use on the pinned Deno (tests/acceptance/runtime_facts_test.ts has the facts). */

import assert from "node:assert/strict";

const ROOT = new URL("../..", import.meta.url);
const ROOMS = ["commands", "orchestrator", "boundary", "control_plane", "templates", "lib"];

interface Source {
  readonly path: string;
  readonly text: string;
}

function sourcesBelow(folder: string): Source[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return sourcesBelow(path);
    if (!/\.tsx?$/.test(entry.name)) return [];
    return [{ path, text: Deno.readTextFileSync(new URL(path, ROOT)) }];
  });
}

const PRODUCT = ROOMS.flatMap(sourcesBelow);
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
