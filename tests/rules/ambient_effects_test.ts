import assert from "node:assert/strict";
import plugin from "./ambient_effects.ts";

function complaints(filename: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, filename, source).map(({ message }) => message);
}

const EFFECTS = `
  await fetch(address);
  setTimeout(wake, 5);
  const at = [Date.now(), new Date(), Deno.args];
`;

Deno.test("the lint rule reports every ambient effect in the product", () => {
  assert.deepEqual(complaints("/p/orchestrator/serve.ts", EFFECTS), [
    "fetch() is an ambient effect",
    "setTimeout() is an ambient effect",
    "Date.now is an ambient effect",
    "new Date() is an ambient effect",
    "Deno.args is an ambient effect",
  ]);
});

Deno.test("the lint rule allows effects in the real ports, tests, tools and entry points", () => {
  for (
    const name of [
      "/p/lib/system.ts",
      "/p/lib/system/network.ts",
      "/p/tests/x_test.ts",
      "/p/tools/build.ts",
      "/p/mod.ts",
      "/p/control_plane/mod.ts",
    ]
  ) {
    assert.deepEqual(complaints(name, EFFECTS), [], name);
  }
});

Deno.test("the lint rule allows dates that are computed and clocks that are passed in", () => {
  assert.deepEqual(complaints("/p/lib/x.ts", "new Date(text); clock.now();"), []);
});
