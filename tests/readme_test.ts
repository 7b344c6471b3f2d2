/** The README tells what is there: its commands parse, its paths exist, its table is the program's. */

import assert from "node:assert/strict";
import { routes as AGENT } from "../commands/mod.ts";
import { ROUTES as CONTROL_PLANE } from "../control_plane/commands.ts";
import type { CliTools } from "../lib/cli/application.ts";
import { EXIT_CODES } from "../lib/problem.ts";
import { type Table, typed } from "./fakes/routes.ts";

const ROOT = new URL("..", import.meta.url);
const README = Deno.readTextFileSync(new URL("README.md", ROOT));

/** The command lines of all sh blocks. */
const LINES = [...README.matchAll(/^```sh\n([^]*?)^```/gm)]
  .flatMap(([, block = ""]) => block.split("\n"))
  .filter((line) => line !== "" && !line.startsWith("#"));

Deno.test("every ./dev verb in the README is one that ./dev lists", () => {
  const usage = Deno.readTextFileSync(new URL("dev", ROOT));
  const verbs = [...usage.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, verb]) => verb);
  const named = [...README.matchAll(/\.\/dev ([a-z]+)/g)].map(([, verb]) => verb);
  assert(verbs.length > 0 && named.length > 0);
  assert.deepEqual(named.filter((verb) => !verbs.includes(verb)), []);
});

/** Parses each line that calls the program, with the program's own table and nothing behind it. */
async function parseAll<TOOLS extends CliTools>(name: string, table: Table<TOOLS>): Promise<void> {
  const lines = LINES.map((line) => line.replace("./", ""))
    .filter((line) => line.startsWith(`${name} `));
  assert(lines.length > 0);
  for (const line of lines) {
    assert.deepEqual(await typed(line, table), { line, code: 0, noted: [] });
  }
}

Deno.test("every bigeye-agent line in the README parses", () => parseAll("bigeye-agent", AGENT));

Deno.test("every bigeye-control-plane line in the README parses", () =>
  parseAll("bigeye-control-plane", CONTROL_PLANE));

Deno.test("the README's exit codes are the program's", () => {
  const rows = [...README.matchAll(/^\| (\d+) +\| (\w+) +\|/gm)]
    .map(([, code, name]) => [name, Number(code)]);
  assert.deepEqual(Object.fromEntries(rows), EXIT_CODES);
});

/** Names of the host's folder, which a clone does not have. */
const ON_THE_HOST = /^(?:agent_config|agents|agent_runs|\.bigeye)\//;

Deno.test("every path of the project that the README names is there", () => {
  const code = README.replaceAll(/^```[^]*?^```/gm, "");
  const named = [...code.matchAll(/`([\w.-]+(?:\/[\w.-]*)+|[\w-]+\.ts)`/g)]
    .map(([, path = ""]) => path)
    .filter((path) => !ON_THE_HOST.test(path) && !path.startsWith("./"));
  assert(named.length > 0);
  // The table of rooms names the folders of a room by themselves.
  const isThere = (path: string) =>
    ["", "tests/", "control_plane/"].some((room) => exists(new URL(`${room}${path}`, ROOT)));
  assert.deepEqual(named.filter((path) => !isThere(path)), []);
});

function exists(url: URL): boolean {
  try {
    Deno.statSync(url);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
