/** Tests which tests the arguments of ./dev test select, and how wrong arguments are refused. */

import assert from "node:assert/strict";
import { WrongUsage } from "../../../tools/cli/options.ts";
import type { TestFile } from "../../../tools/test/files.ts";
import { type Plan, planOf, readSelection } from "../../../tools/test/selection.ts";

const file = (path: string, group: TestFile["group"], takesAnyStore = false): TestFile => ({
  path: `tests/${path}`,
  group,
  takesAnyStore,
});

const FILES = [
  file("lib/keys_test.ts", "unit"),
  file("control_plane/api/routes/runs_test.ts", "unit", true),
  file("control_plane/store/full_disk_test.ts", "unit"),
  file("control_plane/store/outbox_test.ts", "unit", true),
  file("control_plane/store/postgres/postgres_test.ts", "db"),
  file("integration/gateway_test.ts", "integration"),
  file("browser/jobs_test.ts", "browser"),
  file("acceptance/cli_test.ts", "acceptance"),
];

/** Returns the groups that are not empty, with paths without "tests/" and "_test.ts". */
function selected(line: string): Partial<Record<keyof Plan, string>> {
  const selection = readSelection(line.split(" ").filter((word) => word !== ""));
  assert(selection);
  const lists = Object.entries(planOf(selection, FILES)).filter(([, list]) => list.length > 0);
  const short = (path: string) => path.slice("tests/".length, -"_test.ts".length);
  return Object.fromEntries(lists.map(([name, list]) => [name, list.map(short).join(" ")]));
}

const UNIT =
  "lib/keys control_plane/api/routes/runs control_plane/store/full_disk control_plane/store/outbox";
const POSTGRES =
  "control_plane/store/postgres/postgres control_plane/api/routes/runs control_plane/store/outbox";

Deno.test("without arguments all tests run, and those that use a store also on Postgres", () => {
  assert.deepEqual(selected(""), {
    unit: UNIT,
    postgres: POSTGRES,
    integration: "integration/gateway",
    browser: "browser/jobs",
    acceptance: "acceptance/cli",
  });
});

Deno.test("several groups run together, and db alone includes the store's tests on SQLite", () => {
  assert.deepEqual(selected("unit"), { unit: UNIT });
  assert.deepEqual(selected("db unit"), { unit: UNIT, postgres: POSTGRES });
  assert.deepEqual(selected("db"), {
    unit: "control_plane/store/full_disk control_plane/store/outbox",
    postgres: POSTGRES,
  });
});

Deno.test("a path selects a file or folder, in its own group or in the given groups", () => {
  assert.deepEqual(selected("tests/lib"), { unit: "lib/keys" });
  assert.deepEqual(selected("./tests/control_plane/store/"), {
    unit: "control_plane/store/full_disk control_plane/store/outbox",
    postgres: "control_plane/store/postgres/postgres",
  });
  assert.deepEqual(selected("db tests/control_plane/api/routes/runs_test.ts"), {
    postgres: "control_plane/api/routes/runs",
  });
  assert.deepEqual(selected("tests/browser tests/lib/keys_test.ts"), {
    unit: "lib/keys",
    browser: "browser/jobs",
  });
});

Deno.test("filter and repeat are parsed, and --help returns no selection", () => {
  assert.deepEqual(readSelection(["unit", "--filter", "a key", "--repeat", "20"]), {
    groups: ["unit"],
    paths: [],
    filter: "a key",
    repeat: 20,
  });
  assert.deepEqual([readSelection(["--help"]), readSelection(["unit", "-h"])], [
    undefined,
    undefined,
  ]);
});

for (
  const [line, reason] of [
    ["untit", 'Cannot find "untit": it is neither a group nor a test file or folder'],
    [
      "tests/lib/absent_test.ts",
      'Cannot find "tests/lib/absent_test.ts": it is neither a group nor a test file or folder',
    ],
    ["browser tests/lib", "Cannot find a test of browser in tests/lib"],
    ["--repeat 0", 'Cannot repeat "0" times: give a number from 1 to 10000'],
    ["--repeat often", 'Cannot repeat "often" times: give a number from 1 to 10000'],
    ["--quick", "Cannot read the options: Unknown option '--quick'"],
    ["--filter", "Cannot read the options: Option '--filter <value>' argument missing"],
  ] as const
) {
  Deno.test(`"./dev test ${line}" is refused with its reason and the usage`, () => {
    assert.throws(() => selected(line), (error) => {
      assert(error instanceof WrongUsage);
      assert.deepEqual(error.message.split("\n"), [
        reason,
        "",
        "usage: ./dev test [GROUP…] [PATH…] [--filter TEXT] [--repeat N]",
        'Type "./dev test --help" for the groups and examples',
      ]);
      return true;
    });
  });
}
