/** Links of the documentation: their targets exist, and the README leads to every page. */

import assert from "node:assert/strict";
import { posix } from "node:path";
import { type DocPage, isThere, PAGES } from "./support/pages.ts";

interface Link {
  readonly from: string;
  readonly target: string;
  /** Relative to the root. For a bare anchor, the path of the page. */
  readonly path: string;
  readonly anchor: string | undefined;
}

const isElsewhere = (target: string): boolean => /^[a-z]+:/.test(target);

function linksOf({ path: from, prose }: DocPage): readonly Link[] {
  const inText = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  const inHtml = [...prose.matchAll(/\b(?:src|srcset|href)="([^"]*)"/g)]
    .map(([, target = ""]) => target);
  return [...inText, ...inHtml].filter((target) => !isElsewhere(target)).map((target) => {
    const [path = "", anchor] = target.split("#");
    return { from, target, anchor, path: path ? posix.join(posix.dirname(from), path) : from };
  });
}

/** The anchors of a page's headings, as GitHub and GitLab make them. */
function anchorsOf({ prose }: DocPage): readonly string[] {
  const slugs = [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading.toLowerCase().replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(/\s/g, "-")
  );
  return slugs.map((slug, index) => {
    const before = slugs.slice(0, index).filter((other) => other === slug).length;
    return before === 0 ? slug : `${slug}-${before}`;
  });
}

const LINKS = PAGES.flatMap(linksOf);

Deno.test("the target of every relative link exists", () => {
  assert(LINKS.length > 0);
  assert.deepEqual(LINKS.filter(({ path }) => !isThere(path)), []);
});

Deno.test("every anchor of a link belongs to a heading", () => {
  const wrong = LINKS.filter(({ path, anchor }) => {
    if (anchor === undefined) return false;
    const page = PAGES.find((page) => page.path === path);
    return !page || !anchorsOf(page).includes(anchor);
  });
  assert.deepEqual(wrong, []);
});

Deno.test("every link to another site is an https URL", () => {
  const elsewhere = PAGES.flatMap(({ path, prose }) =>
    [...prose.matchAll(/\]\(([a-z]+:[^)\s]*)\)/g)].map(([, target = ""]) => ({ path, target }))
  );
  const wrong = elsewhere.filter(({ target }) =>
    URL.parse(target)?.protocol !== "https:" || !target.includes(".")
  );
  assert.deepEqual(wrong, []);
});

Deno.test("links from the README lead to every page, and every picture is used", () => {
  const reached = new Set(["README.md"]);
  for (const path of reached) {
    for (const link of LINKS.filter(({ from }) => from === path)) reached.add(link.path);
  }
  const pictures = [...Deno.readDirSync(new URL("../../docs/images", import.meta.url))]
    .map(({ name }) => `docs/images/${name}`);
  const all = [...PAGES.map(({ path }) => path), ...pictures];
  assert.deepEqual(all.filter((path) => !reached.has(path)), []);
});
