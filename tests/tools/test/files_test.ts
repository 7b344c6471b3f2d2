/** Tests which group a test file belongs to, and which tests also run on Postgres. */

import assert from "node:assert/strict";
import { groupOf, testFiles } from "../../../tools/test/files.ts";

Deno.test("a test belongs to the group of its folder, and to the unit tests if there is none", () => {
  assert.deepEqual(
    [
      "tests/lib/keys_test.ts",
      "tests/control_plane/store/runs_test.ts",
      "tests/control_plane/store/postgres/postgres_test.ts",
      "tests/integration/gateway/gateway_test.ts",
      "tests/browser/jobs_test.ts",
      "tests/acceptance/cli/cli_test.ts",
    ].map(groupOf),
    ["unit", "unit", "db", "integration", "browser", "acceptance"],
  );
});

Deno.test("tests of REST, pages, commands, schedules and the store also run on Postgres", () => {
  const found = testFiles().filter(({ takesAnyStore }) => takesAnyStore).map(({ path }) => path);
  const known = [
    "api/routes/runs_test.ts",
    "commands/handler_test.ts",
    "pages/forms/forms_test.ts",
  ];
  const others = ["schedules/fire_test.ts", "store/values_test.ts"];
  const missing = [...known, ...others].map((file) => `tests/control_plane/${file}`)
    .filter((path) => !found.includes(path));
  assert.deepEqual(missing, []);
});
