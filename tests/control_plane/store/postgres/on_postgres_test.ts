/** Every test of the control plane that takes a store as it comes, once more on a real Postgres. */

import assert from "node:assert/strict";
import { POSTGRES, WITHOUT_POSTGRES } from "../../../harness/databases/postgres_cluster.ts";
import { usePostgres } from "../../../harness/databases/test_store.ts";

const CONTROL_PLANE = new URL("../..", import.meta.url);
/** What brings a store that the test did not choose (tests/harness/databases/test_store.ts). */
const TAKES_ANY = /\b(testStore\(|inPlace\(|testPages\(|testPlane\(\))/;
const CHOOSES = /\busePostgres\b/;

/** Found and not listed, so that none is left out. */
const SUITE = filesBelow(CONTROL_PLANE).filter((file) => {
  const text = Deno.readTextFileSync(file);
  return TAKES_ANY.test(text) && !CHOOSES.test(text);
});

function filesBelow(folder: URL): readonly URL[] {
  return [...Deno.readDirSync(folder)].toSorted((a, b) => a.name < b.name ? -1 : 1)
    .flatMap(({ name, isDirectory }) => {
      if (isDirectory) return filesBelow(new URL(`${name}/`, folder));
      return name.endsWith("_test.ts") ? [new URL(name, folder)] : [];
    });
}

Deno.test("of REST, pages, schedules and the store the tests are found that Postgres is to pass", () => {
  const found = SUITE.map(({ href }) => href.slice(CONTROL_PLANE.href.length));
  const known = ["api/runs_test.ts", "commands/handler_test.ts", "pages/forms_test.ts"];
  const others = ["schedules/fire_test.ts", "store/values_test.ts"];
  assert.deepEqual([...known, ...others].filter((file) => !found.includes(file)), []);
});

if (POSTGRES === undefined) {
  Deno.test.ignore(`the store suite on Postgres (${WITHOUT_POSTGRES})`, () => {});
} else {
  await usePostgres();
  for (const { href } of SUITE) await import(href);
}
