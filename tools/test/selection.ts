/** What is typed behind ./dev test, and which tests are meant by it. */

import { parseArgs } from "node:util";
import { WrongUsage } from "../cli/options.ts";
import { type Group, GROUPS, type TestFile } from "./files.ts";

const FIRST_LINE = "usage: ./dev test [GROUP…] [PATH…] [--filter TEXT] [--repeat N]";

export const USAGE = `${FIRST_LINE}

Without words: format, lint, types, and every test; the unit tests also on the newest Deno.

  unit             no Docker, no Postgres, no network
  db               the store's tests on SQLite, and all tests of the control plane that take a
                   store once more on a real Postgres
  integration      the control plane and hosts from source, on real Temporal, HAProxy and Docker
  browser          the pages in Chromium
  acceptance       the compiled programs and images
  PATH             a test file or a folder below tests/; without a group in the group it lies in

  --filter TEXT    only tests with this text in their name, or a regular expression as /…/
  --repeat N       all of it N times, ended by the first failure
  --help           show this

  ./dev test unit
  ./dev test unit db --repeat 20
  ./dev test tests/lib/crypto
  ./dev test db tests/control_plane/api/runs_test.ts --filter "a second run"`;

export interface Selection {
  /** None: every group, or those that the paths lie in. */
  readonly groups: readonly Group[];
  /** Files and folders, relative to the project. */
  readonly paths: readonly string[];
  readonly filter?: string;
  readonly repeat: number;
}

/** The files of one run. `postgres` has unit tests among its own, once more on that database. */
export interface Plan {
  readonly unit: readonly string[];
  readonly postgres: readonly string[];
  readonly integration: readonly string[];
  readonly browser: readonly string[];
  readonly acceptance: readonly string[];
}

/** What `db` runs on SQLite. */
const STORE = "tests/control_plane/store";
const MOST_ROUNDS = 10_000;

/**
 * Reads the words behind the verb; `undefined` is the wish for help.
 * @throws {WrongUsage} on what is none of them.
 */
export function readSelection(args: readonly string[]): Selection | undefined {
  const { values, positionals } = parsed(args);
  if (values.help) return undefined;
  const isGroup = (word: string): word is Group => (GROUPS as readonly string[]).includes(word);
  const repeat = values.repeat ?? "1";
  if (!/^\d+$/.test(repeat) || Number(repeat) < 1 || Number(repeat) > MOST_ROUNDS) {
    throw wrong(`Cannot repeat "${repeat}" times: give a number from 1 to ${MOST_ROUNDS}`);
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

/** @throws {WrongUsage} when a path is no test, or nothing is left to run. */
export function planOf({ groups, paths }: Selection, files: readonly TestFile[]): Plan {
  const lost = paths.find((place) => !files.some((file) => isIn(file, place)));
  if (lost !== undefined) {
    throw wrong(`Cannot find "${lost}": it is neither a group nor a test file or folder`);
  }
  const meant = files.filter((file) =>
    paths.length === 0 || paths.some((place) => isIn(file, place))
  );
  const pathsOf = (isRun: (file: TestFile) => boolean) =>
    meant.filter(isRun).map(({ path }) => path);
  const isMeant = (group: Group) => groups.length === 0 || groups.includes(group);
  const own = (group: Group) => pathsOf((file) => file.group === group && isMeant(group));
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
