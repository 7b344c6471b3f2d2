/** Finds the test files and their groups. A group is a folder; all other tests are unit tests. */

import { ROOT } from "../cli/paths.ts";

const FOLDERS = {
  db: "tests/control_plane/store/postgres",
  integration: "tests/integration",
  browser: "tests/browser",
  acceptance: "tests/acceptance",
} as const;

export type Group = "unit" | keyof typeof FOLDERS;

/** All groups, in the order in which they run. */
export const GROUPS: readonly Group[] = ["unit", "db", "integration", "browser", "acceptance"];

export interface TestFile {
  /** Relative to the project. */
  readonly path: string;
  readonly group: Group;
  /** Whether it is a unit test of the control plane that runs on any store. `db` runs it on Postgres. */
  readonly takesAnyStore: boolean;
}

/** The calls that open a store which the test did not choose (tests/harness/databases/test_store.ts). */
const TAKES_ANY = /\b(testStore\(|inPlace\(|testPages\(|testPlane\(\))/;

/** Lists all test files, sorted by path. */
export function testFiles(): readonly TestFile[] {
  return pathsBelow("tests").map((path) => {
    const group = groupOf(path);
    const isOfPlane = group === "unit" && path.startsWith("tests/control_plane/");
    const takesAny = () => TAKES_ANY.test(Deno.readTextFileSync(`${ROOT}/${path}`));
    return { path, group, takesAnyStore: isOfPlane && takesAny() };
  });
}

export function groupOf(path: string): Group {
  const folders = Object.entries(FOLDERS) as [Group, string][];
  return folders.find(([, folder]) => path.startsWith(`${folder}/`))?.[0] ?? "unit";
}

function pathsBelow(folder: string): readonly string[] {
  return [...Deno.readDirSync(`${ROOT}/${folder}`)].toSorted((a, b) => a.name < b.name ? -1 : 1)
    .flatMap(({ name, isDirectory }) => {
      const path = `${folder}/${name}`;
      if (isDirectory) return pathsBelow(path);
      return name.endsWith("_test.ts") ? [path] : [];
    });
}
