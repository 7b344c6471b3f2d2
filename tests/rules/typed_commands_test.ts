/** The commands in hints, pages and other texts exist. They are parsed with the programs' tables. */

import assert from "node:assert/strict";
import { routes as AGENT } from "../../commands/mod.ts";
import { ROUTES as CONTROL_PLANE } from "../../control_plane/commands/table.ts";
import type { CliTools } from "../../lib/cli/application.ts";
import type { Table } from "../../tools/docs/command_targets.ts";
import { flagsOf, typed } from "../fakes/cli/routes.ts";
import { ROOT } from "./import_graph.ts";
import { sampleProblems } from "./sample_problems.ts";
import { ROOMS } from "./source_files.ts";

const FOLDERS = [...ROOMS, "tools", "deploy", "docs"];
const TEXT_FILE = /\.(tsx?|js|md|ya?ml|sh)$/;
/** Comments name commands without flags, and users do not see them. */
const COMMENT = /\/\*[^]*?\*\/|(?<=^|\s)\/\/.*$/gm;

interface Text {
  readonly place: string;
  readonly text: string;
}

function textsBelow(path: string): Text[] {
  const url = new URL(path, ROOT);
  if (Deno.statSync(url).isDirectory) {
    return [...Deno.readDirSync(url)].flatMap(({ name }) => textsBelow(`${path}/${name}`));
  }
  if (!TEXT_FILE.test(path)) return [];
  const text = Deno.readTextFileSync(url);
  return [{ place: path, text: path.endsWith(".md") ? text : text.replace(COMMENT, "") }];
}

/** Returns the texts of sources and Markdown pages, and the rendered hints. */
async function texts(): Promise<readonly Text[]> {
  const hints = (await sampleProblems()).map(({ place, problem: { message, hint, details } }) => ({
    place,
    text: [message, hint, ...details.map((detail) => detail.message)].join("\n"),
  }));
  const markdown = [...Deno.readDirSync(ROOT)].filter(({ name }) => name.endsWith(".md"));
  const files = [...markdown.map(({ name }) => name), ...FOLDERS];
  return [...hints, ...files.flatMap(textsBelow)];
}

/** A program's name and its arguments, up to the closing quote or tag. */
const TYPED =
  /["'`>](?:\.\/)?(bigeye-agent|bigeye-control-plane) ((?:\$\{[^}]*\}|<[a-z][^<>\n]*>|[^"'`<>\\\n])+)/g;
const PLACEHOLDER = /\$\{[^}]*\}|<[^<>]*>/g;

interface Line {
  readonly place: string;
  readonly line: string;
}

function linesIn({ place, text }: Text): Line[] {
  return [...text.matchAll(TYPED)].map(([, program = "", words = ""]) => {
    const [typed = ""] = words.replace(PLACEHOLDER, "sample").split(/[,;:] |[,;:.]$/, 1);
    return { place, line: `${program} ${typed.trim()}` };
  });
}

async function refusal({ place, line }: Line): Promise<unknown> {
  const { code, noted } = line.startsWith("bigeye-agent ")
    ? await typed(line, AGENT)
    : await typed(line, CONTROL_PLANE as Table<CliTools>);
  return code === 0 ? undefined : { place, line, refused: noted[0] };
}

Deno.test("every command line in quotes parses", async () => {
  const lines = (await texts()).flatMap(linesIn);
  const refusals = await Promise.all(lines.map(refusal));
  assert.deepEqual(refusals.filter((one) => one !== undefined), []);
  const hosts = lines.filter(({ place }) => place.startsWith("control_plane/pages/hosts/"));
  assert(hosts.length >= 4, "the scan no longer finds the commands of the pages");
});

/** Words after the program's name in a sentence that are no commands. All others must be commands. */
const WORDS = "a and as at by can does for from has in is it on or that the then to was which with"
  .split(" ");

Deno.test("every command that a sentence names exists", async () => {
  const named = (await texts()).flatMap(({ place, text }) =>
    [...text.matchAll(/(?<![\w-])(bigeye-agent|bigeye-control-plane) ([a-z][a-z-]*)/g)]
      .filter(([, , word = ""]) => !WORDS.includes(word))
      .map(([, program = "", word = ""]) => ({ place, line: `${program} ${word} --help` }))
  );
  const refusals = await Promise.all(named.map(refusal));
  assert.deepEqual(refusals.filter((one) => one !== undefined), []);
});

Deno.test("every flag that a hint names exists", async () => {
  const known = new Set([...flagsOf(AGENT), ...flagsOf(CONTROL_PLANE), "--help", "--debug"]);
  const named = (await sampleProblems()).flatMap(({ place, problem: { hint } }) =>
    [...hint.replace(/"(?!bigeye-)[^"]*"/g, "").matchAll(/--[a-z][a-z-]*/g)]
      .map(([flag]) => ({ place, flag }))
  );
  assert(named.length > 0);
  assert.deepEqual(named.filter(({ flag }) => !known.has(flag)), []);
});

Deno.test("every text with docker login also has docker pull, because the Engine API ignores the login", async () => {
  const login = (await texts()).flatMap(({ place, text }) =>
    [...text.matchAll(/`docker login[^`]*`([^\n]*\n?[^\n]*)/g)]
      .map(([, after = ""]) => ({ place, pulls: after.includes("`docker pull ") }))
  );
  assert(login.length > 0);
  assert.deepEqual(login.filter(({ pulls }) => !pulls), []);
});
