/** The commands in the documentation: ours are parsed with the programs' tables, and others are reviewed. */

import assert from "node:assert/strict";
import { routes as AGENT } from "../../commands/mod.ts";
import { ROUTES as CONTROL_PLANE } from "../../control_plane/commands/table.ts";
import type { CliTools } from "../../lib/cli/application.ts";
import type { Table } from "../../tools/docs/command_targets.ts";
import { typed } from "../fakes/cli/routes.ts";
import { filesIn, inlineCode, isThere, PAGES, readText, shellLines } from "./support/pages.ts";

/** Commands of other programs, with the test that runs the command or the documentation that has it. */
const OTHERS: Readonly<Record<string, string>> = {
  "cd deploy": "tests/acceptance/cluster/stack.ts",
  "./prepare.sh plane.example.com": "tests/acceptance/cluster/cluster_test.ts",
  "docker compose up --detach --wait": "tests/acceptance/cluster/cluster_test.ts",
  "docker compose exec control-plane /bigeye-control-plane admin-key":
    "tests/acceptance/cluster/cluster_test.ts",
  "docker compose up --detach --wait --scale control-plane=3":
    "tests/acceptance/cluster/cluster_test.ts",
  "docker compose down": "tests/acceptance/cluster/cluster_test.ts",
  "docker compose version": "Docker's own documentation",
  "docker ps": "Docker's own documentation",
  "export BIGEYE_PLANE_DATABASE_URL='postgres://plane:PASSWORD@db.internal/plane?sslmode=verify-full'":
    "tests/control_plane/settings/database_test.ts",
  "pg_dump --format=custom --file=plane.dump 'postgres://plane@db.internal/plane?sslmode=verify-full'":
    "tests/control_plane/store/postgres/dump_test.ts",
  "pg_restore --no-owner --exit-on-error --dbname='postgres://plane@db.internal/restored' plane.dump":
    "tests/control_plane/store/postgres/dump_test.ts",
  "mv /var/lib/bigeye /var/lib/bigeye.old": "tests/integration/control_plane/backup_test.ts",
  "cp -a /backup/bigeye-monday /var/lib/bigeye": "tests/integration/control_plane/backup_test.ts",
  "BIGEYE_SCREENSHOTS=docs/images ./dev test browser tests/browser/appearance_test.ts":
    "tests/browser/appearance_test.ts",
  "scp -rp prod-agent-01:bigeye/agent_config .": "OpenSSH's own documentation",
};

/** The lines of `sh` blocks, and `./dev` commands in sentences. tests/rules/ checks our programs in sentences. */
const LINES = PAGES.flatMap((page) => [
  ...shellLines(page),
  ...inlineCode(page).filter((code) => code.startsWith("./dev ")),
]);

const linesOf = (name: string): readonly string[] =>
  LINES.map((line) => line.replace(/^\.\//, "")).filter((line) => line.startsWith(`${name} `));

/** Parses each line that calls the program, with the program's table. */
async function parseAll<TOOLS extends CliTools>(name: string, table: Table<TOOLS>): Promise<void> {
  const lines = linesOf(name);
  assert(lines.length > 0);
  for (const line of lines) {
    assert.deepEqual(await typed(line, table), { line, code: 0, noted: [] });
  }
}

Deno.test("every bigeye-agent line of the documentation parses", () =>
  parseAll("bigeye-agent", AGENT));

Deno.test("every bigeye-control-plane line of the documentation parses", () =>
  parseAll("bigeye-control-plane", CONTROL_PLANE));

Deno.test("every ./dev line of the documentation has a known verb, known options and existing paths", () => {
  const verbs = [...readText("dev").matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, verb]) => verb);
  const lines = linesOf("dev");
  assert(verbs.length > 0 && lines.length > 0);
  const wrong = lines.filter((line) => {
    const [, verb = "", ...words] = line.split(/\s+/);
    const options = words.filter((word) => /^--[a-z]+$/.test(word) && word !== "--help");
    const paths = words.filter((word) => /^[a-z]+\/[\w./-]+$/.test(word));
    const isOption = (option: string) => new RegExp(`\\b${option.slice(2)}:`).test(codeOf(verb));
    return !verbs.includes(verb) || !options.every(isOption) || !paths.every(isThere);
  });
  assert.deepEqual(wrong, []);
});

/** Returns the source of a verb, in which its options are keys. */
function codeOf(verb: string): string {
  const own = new RegExp(`/${verb}(_[a-z]+)?\\.ts$`);
  const parts = isThere(`tools/${verb}`) ? filesIn(`tools/${verb}`) : [];
  return [...filesIn("tools/verbs").filter((path) => own.test(path)), ...parts].map(readText)
    .join("\n");
}

Deno.test("the list of other commands is exactly those of the documentation", () => {
  const others = LINES.filter((line) =>
    !/^(\.\/)?(bigeye-(agent|control-plane)|dev)( |$)/.test(line)
  );
  assert.deepEqual([...new Set(others)].toSorted(), Object.keys(OTHERS).toSorted());
  const tests = Object.values(OTHERS).filter((check) => check.startsWith("tests/"));
  assert.deepEqual(tests.filter((path) => !isThere(path)), []);
});
