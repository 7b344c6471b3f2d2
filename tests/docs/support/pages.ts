/** The Markdown pages of the project, and functions that find commands and code in them. */

const ROOT = new URL("../../../", import.meta.url);
const FETCHED_OR_BUILT = ["node_modules", "dist"];

export interface DocPage {
  /** Relative to the root, such as `docs/operate/host.md`. */
  readonly path: string;
  readonly text: string;
  /** The text without its code blocks. */
  readonly prose: string;
}

/** All pages, sorted by path. */
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

/** Tells whether the project has a file or folder with this path. */
export function isThere(path: string): boolean {
  try {
    Deno.statSync(new URL(path, ROOT));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Returns the files directly in a folder. */
export function filesIn(folder: string): readonly string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].filter(({ isFile }) => isFile)
    .map(({ name }) => `${folder}/${name}`);
}

/** Returns the folders directly in a folder, without hidden, downloaded and built ones. */
export function foldersIn(folder: string): readonly string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))]
    .filter(({ name, isDirectory }) => isDirectory && isOfTheProject(name))
    .map(({ name }) => `${folder}/${name}`);
}

/** Returns the lines of all `sh` blocks, also of those in lists. Joins lines that end with a backslash. */
export function shellLines({ text }: DocPage): readonly string[] {
  return [...text.matchAll(/^( *)```sh\n([^]*?)^\1```$/gm)]
    .flatMap(([, , block = ""]) => block.replaceAll(/\\\n\s*/g, "").split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** Returns the inline code, which is between single backticks. */
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
