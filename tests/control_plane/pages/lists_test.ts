/** Lists: paging, filters, empty states. */

import assert from "node:assert/strict";
import { MACHINE } from "../../../control_plane/store/mod.ts";
import { wordsOf } from "../../fakes/control_plane/html.ts";
import { type Browser, testPages } from "../../fakes/control_plane/pages.ts";

const HOSTS = "/settings/agents/hosts";
const JOBS = "/settings/agents/jobs";
const RUNS = "/settings/agents/runs";
const AUDIT = "/settings/audit";

const leadsIn = (html: string): string[] =>
  [...html.matchAll(/<th role="rowheader".*?<\/th>/gs)].map(([lead]) => wordsOf(lead));

/** Returns the target of the link with these words. */
const linkIn = (html: string, words: string): string | undefined =>
  new RegExp(`<a class="button" href="([^"]+)">${words}</a>`).exec(html)?.[1]
    ?.replaceAll("&amp;", "&");

/** Returns the rows of each page, following the links to the next one. */
async function paged(browser: Browser, path: string, words: string): Promise<string[][]> {
  const pages: string[][] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const { text } = await browser.get(next);
    pages.push(leadsIn(text));
    next = linkIn(text, words);
  }
  return pages;
}

/** Returns the title and the links of the empty state. */
function emptyIn(html: string): (string | undefined)[] | undefined {
  const [, title, rest = ""] = /<div class="empty"><h2>([^<]*)<\/h2>(.*?)<\/div>/s.exec(html) ?? [];
  if (title === undefined) return undefined;
  return [title, ...[...rest.matchAll(/href="([^"]*)"/g)].map(([, to]) => to)];
}

const numbered = (count: number, name: (n: string) => string): string[] =>
  Array.from({ length: count }, (_, n) => name(String(n).padStart(3, "0")));

Deno.test("the pages of hosts, jobs and audit entries have every row once, in order", async () => {
  await using pages = await testPages();
  const hosts = numbered(101, (n) => `h-${n}`);
  for (const id of hosts) await pages.addHost(id);
  const jobs = numbered(51, (n) => `job ${n}`);
  for (const name of jobs) await pages.addJob({ name, host_id: "h-000" });
  const browser = await pages.signedIn("admin");
  assert.deepEqual(await paged(browser, HOSTS, "Next page"), [
    hosts.slice(0, 100).map((id) => `${id} 1.0.0`),
    ["h-100 1.0.0"],
  ]);
  const jobPages = [jobs.slice(0, 25), jobs.slice(25, 50), jobs.slice(50)];
  assert.deepEqual(await paged(browser, JOBS, "Next page"), jobPages);
  assert.deepEqual(await paged(browser, `${JOBS}?host=h-000`, "Next page"), jobPages);
  const changes = await paged(browser, `${AUDIT}?action=job.create`, "Older entries");
  assert.deepEqual(changes.map((page) => page.length), [50, 1]);
  assert.deepEqual(changes.flat().toSorted(), jobs.map((name) => `Created job ${name}`));
});

Deno.test("a later page whose rows are gone says so and links to the whole list", async () => {
  await using pages = await testPages();
  for (const id of numbered(101, (n) => `h-${n}`)) await pages.addHost(id);
  const jobs = [];
  for (const name of numbered(26, (n) => `job ${n}`)) {
    jobs.push(await pages.addJob({ name, host_id: "h-000" }));
  }
  const browser = await pages.signedIn("admin");
  const next = async (path: string) =>
    linkIn((await browser.get(path)).text, "Next page") ?? "no next page";
  const later = [await next(HOSTS), await next(JOBS), await next(`${JOBS}?host=h-000`)];
  await pages.store.hosts.remove("h-100", MACHINE);
  await pages.store.jobs.remove(jobs.at(-1)?.id ?? "", MACHINE);
  const shown = [];
  for (const path of later) shown.push(emptyIn((await browser.get(path)).text));
  assert.deepEqual(shown, [
    ["No hosts on this page", HOSTS],
    ["No jobs on this page", JOBS],
    ["No jobs on this page", JOBS],
  ]);
});

Deno.test("a list of one host's jobs says so, empty or not, and links to all jobs", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("admin");
  const shown = async (query: string) => {
    const { text } = await browser.get(`${JOBS}${query}`);
    const [, intro] = /<p class="intro">(.*?)<\/p>/s.exec(text) ?? [];
    return [intro && wordsOf(intro), leadsIn(text), emptyIn(text)];
  };
  const empty = [await shown("?host=h-1"), await shown("")];
  await pages.addJob();
  assert.deepEqual(
    [...empty, await shown("?host=h-1"), await shown("?host=h-2"), await shown("")],
    [
      [undefined, [], ["No jobs for host h-1", JOBS]],
      [undefined, [], ["No jobs yet", `${JOBS}/new`]],
      ["Jobs of host h-1 only. See all jobs", ["nightly"], undefined],
      [undefined, [], ["No jobs for host h-2", JOBS]],
      [undefined, ["nightly"], undefined],
    ],
  );
});

Deno.test("the empty list of runs does not tell a member to run a job", async () => {
  await using pages = await testPages();
  const told = async (as: "admin" | "member") => {
    const { text } = await (await pages.signedIn(as)).get(RUNS);
    return wordsOf(/<div class="empty">.*?<\/div>/s.exec(text)?.[0] ?? "");
  };
  assert.deepEqual([await told("admin"), await told("member")], [
    "No runs yet Open Jobs , choose Run now , and follow the run here.",
    "No runs yet A run appears here as soon as an admin or a schedule starts it.",
  ]);
});
