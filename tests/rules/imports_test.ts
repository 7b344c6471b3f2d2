/** Which imports are allowed: between rooms, inside a room, and of packages. */

import assert from "node:assert/strict";
import {
  circles,
  ENTRY_POINTS,
  importEdges,
  moduleGraph,
  ROOT,
  WORKFLOWS,
} from "./import_graph.ts";
import { productFiles } from "./source_files.ts";

/** Room → the rooms that it may import besides itself (docs/develop/architecture.md). */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "mod.ts": ["commands", "orchestrator", "boundary", "templates", "lib"],
  commands: ["orchestrator", "boundary", "templates", "lib"],
  orchestrator: ["boundary", "templates", "lib"],
  boundary: ["templates", "lib"],
  control_plane: ["templates", "lib"],
  templates: ["lib"],
  lib: [],
  // The product must not import these, because they contain published keys, for example.
  tests: [],
  tools: [],
};

/** The order of the parts of a room. A part may import itself and the parts after it. */
const INNER_ORDER: Readonly<Record<string, readonly string[]>> = {
  orchestrator: ["serve.ts", "host", "run", "outcome"],
  control_plane: [
    "mod.ts",
    "commands",
    "api",
    "pages",
    "temporal",
    "schedules",
    "runs",
    "certificates",
    "workflows",
    "settings",
    "account",
    "http",
    "store",
  ],
};

/** Packages that few files may import: package prefix → files. */
const HOMES: readonly (readonly [RegExp, RegExp])[] = [
  [
    /^@temporalio\//,
    /^(lib\/temporal\/|control_plane\/(temporal\/worker\.ts|workflows\/)|orchestrator\/host\/worker\.ts)/,
  ],
  [/^(kysely|pg|node:sqlite)/, /^control_plane\/store\//],
  [/^(@peculiar\/x509|reflect-metadata)/, /^control_plane\/certificates\//],
];

const roomOf = (path: string): string => path.split("/")[0] ?? path;

Deno.test("a room imports only the rooms that it may import", async () => {
  const wrong = (await importEdges()).filter(({ from, to }) => {
    const [source, target] = [roomOf(from), roomOf(to)];
    if (!(target in MAY_IMPORT)) return false;
    return source !== target && !MAY_IMPORT[source]?.includes(target);
  });
  assert.deepEqual(wrong, []);
});

Deno.test("a part of a room imports only the parts after it", async () => {
  const wrong = (await importEdges()).filter(({ from, to }) => {
    const [room = "", fromPart = ""] = from.split("/");
    const [target, toPart = ""] = to.split("/");
    const order = INNER_ORDER[room];
    return order && target === room && order.indexOf(toPart) < order.indexOf(fromPart);
  });
  assert.deepEqual(wrong, []);
});

Deno.test("REST and pages do not import each other", async () => {
  const wrong = (await importEdges()).filter(({ from, to }) =>
    from.startsWith("control_plane/api/") && to.startsWith("control_plane/pages/") ||
    from.startsWith("control_plane/pages/") && to.startsWith("control_plane/api/")
  );
  assert.deepEqual(wrong, []);
});

Deno.test("the contract and the ports import no other part of the product than the contract", async () => {
  const wrong = (await importEdges()).filter(({ from, to }) => {
    const isBase = from.startsWith("lib/contract/") || from === "lib/ports.ts";
    return isBase && to.includes("/") && roomOf(to) in MAY_IMPORT &&
      !to.startsWith("lib/contract/");
  });
  assert.deepEqual(wrong, []);
});

Deno.test("there are no import cycles, also not of types", async () => {
  assert.deepEqual(circles(await importEdges()), []);
});

Deno.test("every file of the product is used by an entry point", async () => {
  const reached = new Set([...ENTRY_POINTS, ...(await importEdges()).map(({ to }) => to)]);
  assert.deepEqual(productFiles().filter((path) => !reached.has(path)), []);
});

Deno.test("commands do not import each other", async () => {
  const isVerb = (path: string) =>
    /^commands\/(compose\/)?[a-z_]+\.ts$/.test(path) &&
    !/^commands\/(mod|context)\.ts$/.test(path);
  const table = "commands/mod.ts";
  const wrong = (await importEdges()).filter(({ from, to }) =>
    from !== table && isVerb(from) && isVerb(to)
  );
  assert.deepEqual(wrong, []);
});

Deno.test("only the listed files import the Temporal SDK, the database drivers and the X.509 library", async () => {
  const wrong = (await importEdges()).filter(({ from, to }) =>
    HOMES.some(([packageName, home]) => packageName.test(to) && !home.test(from))
  );
  assert.deepEqual(wrong, []);
});

Deno.test("workflows load no package but Temporal's SDK, because every run loads its packages again", async () => {
  const modules = new Map((await moduleGraph(WORKFLOWS)).map((info) => [info.specifier, info]));
  const packages = new Set<string>();
  const reached = new Set([new URL(WORKFLOWS, ROOT).href]);
  for (const module of reached) {
    for (const { specifier, code } of modules.get(module)?.dependencies ?? []) {
      if (code?.specifier?.startsWith(ROOT.href)) reached.add(code.specifier);
      else if (code) packages.add(specifier);
    }
  }
  assert.deepEqual(packages, new Set(["@temporalio/workflow", "@temporalio/common"]));
});
