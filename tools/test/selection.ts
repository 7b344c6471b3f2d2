/** Parses the arguments of ./dev test and selects the tests. */

import { parseArgs } from "node:util";
import { WrongUsage } from "../cli/options.ts";
import { type Group, GROUPS, type TestFile } from "./files.ts";

const FIRST_LINE = "usage: ./dev test [GROUP…] [PATH…] [--filter TEXT] [--repeat N]";

export const USAGE = `${FIRST_LINE}

Without arguments: format, lint, types and all tests; the unit tests also on the newest Deno.

  unit             the tests that need no Docker, Postgres or network
  db               the tests of the store on SQLite, and every test of the control plane that
                   uses a store on a real Postgres
  integration      the control plane and hosts from source, with real Temporal, HAProxy and Docker
  browser          the pages in Chromium
  acceptance       the compiled programs and images
  PATH             a test file or a folder below tests/; without GROUP it runs in its own group

  --filter TEXT    only tests whose name contains TEXT, or matches it if it is written as /…/
  --repeat N       run everything N times; stop at the first failure
  --help           show this help

  ./dev test unit
  ./dev test unit db --repeat 20
  ./dev test tests/lib/crypto
  ./dev test db tests/control_plane/api/routes/runs_test.ts --filter "a second run"`;

export interface Selection {
  /** Empty for all groups, or for those of the paths. */
  readonly groups: readonly Group[];
  /** Files and folders, relative to the project. */
  readonly paths: readonly string[];
  readonly filter?: string;
  readonly repeat: number;
}

/** The files of one run, by group. `postgres` also contains the unit tests that run on any store. */
export interface Plan {
  readonly unit: readonly string[];
  readonly postgres: readonly string[];
  readonly integration: readonly string[];
  readonly browser: readonly string[];
  readonly acceptance: readonly string[];
}

/** The unit tests that `db` runs on SQLite. */
const STORE = "tests/control_plane/store";
const MAX_ROUNDS = 10_000;

/**
 * Parses the arguments. Returns `undefined` for `--help`.
 * @throws {WrongUsage} on a wrong option.
 */
export function readSelection(args: readonly string[]): Selection | undefined {
  const { values, positionals } = parsed(args);
  if (values.help) return undefined;
  const isGroup = (word: string): word is Group => (GROUPS as readonly string[]).includes(word);
  const repeat = values.repeat ?? "1";
  if (!/^\d+$/.test(repeat) || Number(repeat) < 1 || Number(repeat) > MAX_ROUNDS) {
    throw wrong(`Cannot repeat "${repeat}" times: give a number from 1 to ${MAX_ROUNDS}`);
  }
  return {
    groups: GROUPS.filter((group) => positionals.includes(group)),
    paths: positionals.filter((word) => !isGroup(word))
      .map((path) => path.replace(/^(\.\/)+/, "").replace(/\/+$/, "")),
    ...(values.filter !== undefined && { filter: values.filter }),
    repeat: Number(repeat),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        filter: { type: "string" },
        repeat: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw wrong(`Cannot read the options: ${error.message.split(/\. |\n/)[0]}`);
  }
}

/** Selects the files. @throws {WrongUsage} when a path has no test, or no test is selected. */
export function planOf({ groups, paths }: Selection, files: readonly TestFile[]): Plan {
  const unknown = paths.find((place) => !files.some((file) => isIn(file, place)));
  if (unknown !== undefined) {
    throw wrong(`Cannot find "${unknown}": it is neither a group nor a test file or folder`);
  }
  const inPaths = files.filter((file) =>
    paths.length === 0 || paths.some((place) => isIn(file, place))
  );
  const pathsOf = (isRun: (file: TestFile) => boolean) =>
    inPaths.filter(isRun).map(({ path }) => path);
  const isSelected = (group: Group) => groups.length === 0 || groups.includes(group);
  const own = (group: Group) => pathsOf((file) => file.group === group && isSelected(group));
  const isWholeDb = groups.includes("db") || groups.length + paths.length === 0;
  const plan = {
    unit: groups.includes("db") && !groups.includes("unit")
      ? pathsOf((file) => file.group === "unit" && isIn(file, STORE))
      : own("unit"),
    postgres: [...own("db"), ...pathsOf((file) => isWholeDb && file.takesAnyStore)],
    integration: own("integration"),
    browser: own("browser"),
    acceptance: own("acceptance"),
  };
  if (Object.values(plan).every((list) => list.length === 0)) {
    throw wrong(`Cannot find a test of ${groups.join(" or ")} in ${paths.join(" or ")}`);
  }
  return plan;
}

function isIn({ path }: TestFile, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}

function wrong(reason: string): WrongUsage {
  return new WrongUsage(
    `${reason}\n\n${FIRST_LINE}\nType "./dev test --help" for the groups and examples`,
  );
}
