/** Every Markdown page of the project, and what the tests of the documentation look for in them. */

const ROOT = new URL("../../../", import.meta.url);
const FETCHED_OR_BUILT = ["node_modules", "dist"];

export interface DocPage {
  /** From the root, as in `docs/operate/host.md`. */
  readonly path: string;
  readonly text: string;
  /** The text without its code blocks. */
  readonly prose: string;
}

/** All pages, by path. */
export const PAGES: readonly DocPage[] = markdownBelow("").map((path) => {
  const text = readText(path);
  return { path, text, prose: text.replaceAll(/^( *)```[^]*?^\1```$/gm, "") };
});

export function pageAt(path: string): DocPage {
  const page = PAGES.find((page) => page.path === path);
  if (!page) throw new RangeError(`There is no page ${path}`);
  return page;
}

export function readText(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** Whether the project has a file or folder of this path. */
export function isThere(path: string): boolean {
  try {
    Deno.statSync(new URL(path, ROOT));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The files of a folder, those in its folders left out. */
export function filesIn(folder: string): readonly string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].filter(({ isFile }) => isFile)
    .map(({ name }) => `${folder}/${name}`);
}

/** The folders of a folder, but for those that are hidden, fetched or built. */
export function foldersIn(folder: string): readonly string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))]
    .filter(({ name, isDirectory }) => isDirectory && isOfTheProject(name))
    .map(({ name }) => `${folder}/${name}`);
}

/** The lines of all `sh` blocks, those in lists too; lines that end with a backslash are joined. */
export function shellLines({ text }: DocPage): readonly string[] {
  return [...text.matchAll(/^( *)```sh\n([^]*?)^\1```$/gm)]
    .flatMap(([, , block = ""]) => block.replaceAll(/\\\n\s*/g, "").split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** What stands between single backticks in the text. */
export function inlineCode({ prose }: DocPage): readonly string[] {
  return [...prose.matchAll(/(?<!`)`([^`]+)`(?!`)/g)]
    .map(([, code = ""]) => code.replaceAll(/\s*\n\s*/g, " "));
}

function isOfTheProject(name: string): boolean {
  return !name.startsWith(".") && !FETCHED_OR_BUILT.includes(name);
}

function markdownBelow(folder: string): readonly string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) => {
    if (!isOfTheProject(name)) return [];
    if (isDirectory) return markdownBelow(`${folder}${name}/`);
    return name.endsWith(".md") ? [`${folder}${name}`] : [];
  }).toSorted();
}
