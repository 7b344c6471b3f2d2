/** The job form without JavaScript: input, errors, conflicts. */

import assert from "node:assert/strict";
import { draftOfJob } from "../../../../control_plane/pages/jobs/form/draft.ts";
import { testPages } from "../../../fakes/control_plane/pages.ts";

const JOBS = "/settings/agents/jobs";
const NEW_JOB = { name: "n", host_id: "h-1", agent_type: "lineage", connectors: "snowflake" };

Deno.test("a form with errors shows each at its field and keeps what was typed", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1", ["lineage"]);
  const browser = await pages.signedIn("admin");
  const { status, text } = await browser.post(`${JOBS}/new`, {
    name: " ",
    agent_type: "lineage",
    host_id: "h-gone",
    connectors: "snowflake, --rm",
    connection_name: "finance",
    file_name: "kept.json",
    run_limit: "soon",
    run_limit_unit: "days",
    every: "week",
    weekdays: "",
    time_zone: "UTC",
  });
  assert.equal(status, 422);
  const errors = [...text.matchAll(/id="(\w+)-error">.*?<\/svg> ([^<]+)</gs)].map((
    [, id, words],
  ) => [
    id,
    words?.replaceAll("&quot;", '"'),
  ]);
  assert.deepEqual(errors.map(([id]) => id), ["name", "connectors", "weekdays", "run_limit"]);
  assert.equal(errors[0]?.[1], "Give the job a name");
  assert.match(errors[1]?.[1] ?? "", /^"--rm" must be 1 to 200 letters/);
  assert.equal(errors[2]?.[1], "Choose at least one day");
  assert.equal(errors[3]?.[1], "Must be a number");
  for (const kept of ["snowflake, --rm", "finance", "kept.json", "soon", "h-gone"]) {
    assert.match(text, new RegExp(`value="${kept}"`));
  }
  assert.match(text, /<option value="days" selected="">/);
  const gone = await browser.post(`${JOBS}/new`, { ...NEW_JOB, host_id: "h-gone" });
  assert.match(gone.text, /id="host_id-error">.*?Is not registered/s);
});

Deno.test("choosing another type without JavaScript shows its fields and keeps what was typed", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1", ["lineage"]);
  await pages.addHost("h-2", ["datahealth"]);
  const browser = await pages.signedIn("admin");
  const typed = { ...NEW_JOB, agent_type: "datahealth", host_id: "", intent: "swap" };
  const { status, text } = await browser.post(`${JOBS}/new`, typed);
  assert.equal(status, 200);
  assert.deepEqual([...text.matchAll(/<option value="(h-\d)"/g)].map(([, id]) => id), ["h-2"]);
  assert.match(text, /<input id="file_name"/);
  assert.match(text, /<input type="hidden" name="connectors" value="snowflake"/);
});

Deno.test("the second of two editors of a job sees what the first has saved", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const job = await pages.addJob();
  const [one, two] = [await pages.signedIn("admin"), await pages.signedIn("admin")];
  const edit = `${JOBS}/${job.id}/edit`;
  const fields = { ...NEW_JOB, version: "1", run_limit: "1", run_limit_unit: "hours" };
  assert.equal((await one.post(edit, { ...fields, name: "by one" })).status, 303);
  const { status, text } = await two.post(edit, { ...fields, name: "by two" });
  assert.equal(status, 412);
  assert.match(text, /the job was changed/);
  assert.match(text, /Name: <code>by one<\/code>/);
  assert.match(text, /name="name" value="by two"/);
  assert.equal((await pages.store.jobs.get(job.id)).name, "by one");
  assert.equal((await two.post(edit, { ...fields, name: "by two", version: "2" })).status, 303);
  assert.equal((await pages.store.jobs.get(job.id)).name, "by two");
});

Deno.test("a schedule is picked or typed, shown with its next runs, and kept by every edit", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("admin");
  const weekly = {
    ...NEW_JOB,
    every: "week",
    weekdays: "5",
    at: "06:30",
    time_zone: "Europe/Berlin",
    catch_up_seconds: "600",
  };
  const swapped = await browser.post(`${JOBS}/new`, { ...weekly, intent: "swap" });
  const times = [...swapped.text.matchAll(/<li><time datetime="([^"]+)"/g)].map(([, at]) => at);
  assert.deepEqual(times.slice(0, 2), ["2026-01-02T05:30:00.000Z", "2026-01-09T05:30:00.000Z"]);
  assert.equal(times.length, 5);

  const { location } = await browser.post(`${JOBS}/new`, weekly);
  const [path] = location?.split("?") ?? [];
  const id = path?.split("/").at(-1) ?? "";
  const schedule = {
    cron: "30 6 * * 5",
    time_zone: "Europe/Berlin",
    paused: false,
    catch_up_seconds: 600,
  };
  assert.deepEqual((await pages.store.jobs.get(id)).schedule, schedule);
  assert.match((await browser.get(JOBS)).text, /Fridays at 06:30, Europe\/Berlin/);
  const edit = (await browser.get(`${path}/edit`)).text;
  assert.match(edit, /<option value="week" selected="">/);
  assert.match(edit, /name="weekdays" value="5" checked=""/);

  assert.equal((await browser.post(`${path}/pause`, {})).status, 303);
  assert.deepEqual((await pages.store.jobs.get(id)).schedule, { ...schedule, paused: true });
  assert.match((await browser.get(JOBS)).text, /Paused/);
  await browser.post(`${path}/resume`, {});
  assert.deepEqual((await pages.store.jobs.get(id)).schedule, schedule);
  const demand = await browser.post(`${path}/edit`, { ...weekly, every: "", version: "3" });
  assert.equal(demand.status, 303);
  assert.equal((await pages.store.jobs.get(id)).schedule, null);
});

Deno.test("saving an unchanged form changes nothing, whatever the format of the cron expression", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("admin");
  const crons = [
    "30 6 * * 1-5",
    "30 6 * * mon,wed",
    "05 06 * * 0-6",
    "0 * * * *",
    "00-59/15 * * * *",
    "*/15 * * * *",
    "0 6 1 * 1",
  ];
  for (const cron of crons) {
    const schedule = { cron, time_zone: "UTC", paused: false, catch_up_seconds: 90 };
    const job = await pages.addJob({ schedule, run_limit_seconds: 61 });
    const opened = { ...draftOfJob(job), version: "1" };
    const path = `${JOBS}/${job.id}/edit`;
    assert.equal((await browser.post(path, opened)).status, 303);
    assert.deepEqual(await pages.store.jobs.get(job.id), job);
  }
  const schedule = { cron: "30 6 * * 1-5", time_zone: "UTC", paused: false, catch_up_seconds: 90 };
  const job = await pages.addJob({ schedule });
  const later = { ...draftOfJob(job), at: "07:30", version: "1" };
  assert.equal((await browser.post(`${JOBS}/${job.id}/edit`, later)).status, 303);
  assert.equal((await pages.store.jobs.get(job.id)).schedule?.cron, "30 7 * * 1,2,3,4,5");
});

Deno.test("a schedule can be paused, resumed and removed although the host no longer has the agent type", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("admin");
  const schedule = {
    cron: "0 6 * * *",
    time_zone: "UTC",
    paused: false,
    catch_up_seconds: 3_600,
  };
  const { id } = await pages.addJob({ schedule });
  await pages.addHost("h-1", ["datahealth"]);
  const path = `${JOBS}/${id}`;
  const saved = async () => (await pages.store.jobs.get(id)).schedule;
  assert.equal((await browser.post(`${path}/pause`, {})).status, 303);
  assert.deepEqual(await saved(), { ...schedule, paused: true });
  assert.equal((await browser.post(`${path}/resume`, {})).status, 303);
  assert.deepEqual(await saved(), schedule);
  const demand = await browser.post(`${path}/edit`, { ...NEW_JOB, every: "", version: "3" });
  assert.equal(demand.status, 303);
  assert.deepEqual(await saved(), null);
});

Deno.test("every change of a schedule on a page reaches Temporal at once", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("admin");
  const daily = { ...NEW_JOB, every: "day", at: "02:00", time_zone: "UTC" };
  const { location } = await browser.post(`${JOBS}/new`, daily);
  const path = location?.split("?")[0] ?? "";
  const told = [pages.wakes()];
  const posts: [string, Record<string, string>][] = [
    ["edit", { ...daily, at: "03:00", version: "1" }],
    ["pause", {}],
    ["resume", {}],
    ["delete", { version: "4" }],
  ];
  for (const [verb, fields] of posts) {
    assert.equal((await browser.post(`${path}/${verb}`, fields)).status, 303, verb);
    told.push(pages.wakes());
  }
  assert.deepEqual(told, [1, 2, 3, 4, 5]);
});

Deno.test("errors of a schedule are shown at their fields", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("admin");
  const cases: [Record<string, string>, string, RegExp][] = [
    [{ every: "cron", cron: "every day" }, "cron", /field/],
    [{ every: "cron", cron: "" }, "cron", /Enter a cron expression/],
    [{ every: "cron", cron: "0 0 31 2 *" }, "cron", /no month has it/],
    [{ every: "week", weekdays: "" }, "weekdays", /Choose at least one day/],
    [{ every: "hour", minute: "60" }, "minute", /Must be 0 to 59/],
    [{ every: "day", at: "25:00" }, "at", /Must be a time/],
    [{ every: "day", time_zone: "Mars/Olympus" }, "time_zone", /Must be the name of a time zone/],
  ];
  for (const [fields, field, words] of cases) {
    const typed = { ...NEW_JOB, time_zone: "UTC", ...fields };
    const { status, text } = await browser.post(`${JOBS}/new`, typed);
    assert.equal(status, 422, field);
    const banner = new RegExp(`<a href="#${field}">[^<]*</a>: ([^<]*)`).exec(text)?.[1];
    assert.match(banner ?? "", words);
  }
});

Deno.test("a schedule whose time zone and next runs were never shown is shown before it is saved", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("admin");
  const job = await pages.addJob();
  const chosen = { ...NEW_JOB, every: "day", at: "02:00" };
  for (const path of [`${JOBS}/new`, `${JOBS}/${job.id}/edit`]) {
    const { status, text } = await browser.post(path, { ...chosen, version: "1" });
    assert.equal(status, 422, path);
    assert.match(text, /Check the time zone and the next runs, then save again/);
    assert.match(text, /<input id="time_zone" name="time_zone" value="UTC"/);
    assert.equal(text.match(/<li><time datetime=/g)?.length, 5);
  }
  assert.equal((await pages.store.jobs.list({ limit: 9 })).jobs.length, 1);
  assert.equal((await browser.post(`${JOBS}/new`, { ...chosen, time_zone: "UTC" })).status, 303);
});
