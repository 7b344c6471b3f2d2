/** The history on a job's page: paging, and skipped fire times. */

import assert from "node:assert/strict";
import { MACHINE } from "../../../../control_plane/store/mod.ts";
import { testPages } from "../../../fakes/control_plane/pages.ts";

const AGENTS = "/settings/agents";
const HOUR_MS = 3_600_000;
const HOURLY = { cron: "0 * * * *", time_zone: "UTC", paused: false, catch_up_seconds: 600 };

/** A job with one run that was active at each of the 50 following fire times. */
async function skippingJob() {
  const pages = await testPages();
  const { store, clock } = pages;
  await pages.addHost("h-1");
  const job = await pages.addJob({ schedule: HOURLY });
  const { run } = await store.runs.trigger(job.id, { source: "manual" }, MACHINE);
  const times: string[] = [];
  for (let count = 0; count < 50; count++) {
    clock.advance(HOUR_MS);
    times.push(clock.now().toISOString());
    await store.schedules.fire(job.id, times.at(-1) ?? "");
  }
  return {
    browser: await pages.signedIn("member"),
    path: `${AGENTS}/jobs/${job.id}`,
    run,
    times,
    [Symbol.asyncDispose]: () => pages[Symbol.asyncDispose](),
  };
}

/** The header cell of each row; that of a run is a link to the run. */
const leadsOf = (text: string): (string | undefined)[] =>
  [...text.matchAll(/<tr[ >].*?<\/tr>/gs)].map(([row]) =>
    /<a href="([^"]+\/runs\/[^"]+)"><time/.exec(row)?.[1] ??
      /<time datetime="([^"]+)"/.exec(row)?.[1]
  ).filter((lead) => lead !== undefined);

const linkOf = (text: string, words: string): string | undefined =>
  new RegExp(`href="([^"]+)">${words}</a>`).exec(text)?.[1]?.replaceAll("&amp;", "&");

Deno.test("a job's history is paged to its first run, past any number of skipped times", async () => {
  await using stage = await skippingJob();
  const { browser, path, run, times } = stage;
  const seen: (string | undefined)[] = [];
  const lengths: number[] = [];
  let text = "";
  for (let at: string | undefined = path; at !== undefined; at = linkOf(text, "Older")) {
    text = (await browser.get(at)).text;
    const leads = leadsOf(text);
    seen.push(...leads);
    lengths.push(leads.length);
  }
  assert.deepEqual(lengths, [20, 20, 11]);
  assert.deepEqual(seen, [...times.toReversed(), `${AGENTS}/runs/${run.id}`]);
  assert.equal(linkOf(text, "Newest"), path);
  assert.equal(
    linkOf(text, "All runs of this job"),
    `${AGENTS}/runs?job=${path.split("/").at(-1)}`,
  );
});

Deno.test("a skip has its own icon and links to the run that was active", async () => {
  await using stage = await skippingJob();
  const { text } = await stage.browser.get(stage.path);
  const [row = ""] = /<tr[ >](?:(?!<\/tr>).)*Skipped.*?<\/tr>/s.exec(text) ?? [];
  assert.match(row, /<span class="mark-word skipped"><svg class="icon".*?<\/svg>Skipped<\/span>/s);
  const { id } = stage.run;
  assert.match(
    row,
    new RegExp(`its run &quot;<a href="${AGENTS}/runs/${id}">${id}</a>&quot; is still active`),
  );
});

Deno.test("a page of the history whose entries have expired does not say that there were no runs", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const job = await pages.addJob();
  const path = `${AGENTS}/jobs/${job.id}`;
  const browser = await pages.signedIn("member");
  assert.match((await browser.get(path)).text, /No runs yet/);
  const { run } = await pages.store.runs.trigger(job.id, { source: "manual" }, MACHINE);
  await pages.store.runs.cancel(run.id, MACHINE);
  pages.clock.advance(HOUR_MS);
  await pages.store.runs.trigger(job.id, { source: "manual" }, MACHINE);
  const { next_cursor } = await pages.store.history.of(job.id, { limit: 1 });
  await pages.store.retention.removeRuns(pages.clock.now(), 10);
  const { text } = await browser.get(`${path}?cursor=${next_cursor}`);
  assert.match(text, /No older entries/);
  assert.equal(linkOf(text, "Newest"), path);
});
