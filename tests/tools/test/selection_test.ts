/** What the words behind ./dev test mean, and what is said when they mean nothing. */

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
  file("control_plane/api/runs_test.ts", "unit", true),
  file("control_plane/store/full_disk_test.ts", "unit"),
  file("control_plane/store/outbox_test.ts", "unit", true),
  file("control_plane/store/postgres/postgres_test.ts", "db"),
  file("integration/gateway_test.ts", "integration"),
  file("browser/jobs_test.ts", "browser"),
  file("acceptance/cli_test.ts", "acceptance"),
];

/** The lists that are not empty, without "tests/" and "_test.ts". */
function meant(line: string): Partial<Record<keyof Plan, string>> {
  const selection = readSelection(line.split(" ").filter((word) => word !== ""));
  assert(selection);
  const lists = Object.entries(planOf(selection, FILES)).filter(([, list]) => list.length > 0);
  const short = (path: string) => path.slice("tests/".length, -"_test.ts".length);
  return Object.fromEntries(lists.map(([name, list]) => [name, list.map(short).join(" ")]));
}

const UNIT =
  "lib/keys control_plane/api/runs control_plane/store/full_disk control_plane/store/outbox";
const POSTGRES =
  "control_plane/store/postgres/postgres control_plane/api/runs control_plane/store/outbox";

Deno.test("without words everything is meant, each file once and the store's users on both databases", () => {
  assert.deepEqual(meant(""), {
    unit: UNIT,
    postgres: POSTGRES,
    integration: "integration/gateway",
    browser: "browser/jobs",
    acceptance: "acceptance/cli",
  });
});

Deno.test("groups are taken together, and db alone brings the store's tests on SQLite", () => {
  assert.deepEqual(meant("unit"), { unit: UNIT });
  assert.deepEqual(meant("db unit"), { unit: UNIT, postgres: POSTGRES });
  assert.deepEqual(meant("db"), {
    unit: "control_plane/store/full_disk control_plane/store/outbox",
    postgres: POSTGRES,
  });
});

Deno.test("a path is a file or a folder, in the group it lies in or in those that are named", () => {
  assert.deepEqual(meant("tests/lib"), { unit: "lib/keys" });
  assert.deepEqual(meant("./tests/control_plane/store/"), {
    unit: "control_plane/store/full_disk control_plane/store/outbox",
    postgres: "control_plane/store/postgres/postgres",
  });
  assert.deepEqual(meant("db tests/control_plane/api/runs_test.ts"), {
    postgres: "control_plane/api/runs",
  });
  assert.deepEqual(meant("tests/browser tests/lib/keys_test.ts"), {
    unit: "lib/keys",
    browser: "browser/jobs",
  });
});

Deno.test("filter and rounds are read, and a wish for help is no selection", () => {
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
    assert.throws(() => meant(line), (error) => {
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
