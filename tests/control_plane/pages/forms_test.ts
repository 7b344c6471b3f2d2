/** Forms: who may send them, from where, and that what they say is written down as text. */

import assert from "node:assert/strict";
import { MACHINE } from "../../../control_plane/store/mod.ts";
import { type Browser, ORIGIN, testPages } from "../../fakes/pages.ts";

const JOBS = "/settings/agents/jobs";
const NEW_JOB = { name: "n", host_id: "h-1", agent_type: "lineage", connectors: "snowflake" };

async function refused(browser: Browser, headers: Record<string, string>, token?: string) {
  const fields = { ...NEW_JOB, ...(token === undefined ? {} : { _token: token }) };
  return (await browser.post(`${JOBS}/new`, fields, headers)).status;
}

// A page of another site sends a form to ours with the cookies of a reader who is signed in.
Deno.test("a form of another origin, of another session, or of none is refused", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("admin");
  const other = await pages.signedIn("admin");
  const otherToken = /_token" value="([^"]+)/.exec((await other.get(JOBS)).text)?.[1];
  assert.deepEqual([
    await refused(browser, { origin: "https://evil.test" }),
    await refused(browser, { origin: "null" }),
    await refused(browser, { origin: `${ORIGIN}:444` }),
    await refused(browser, { "sec-fetch-site": "cross-site" }),
    await refused(browser, {}, ""),
    await refused(browser, {}, otherToken),
  ], [403, 403, 403, 403, 403, 403]);
  assert.deepEqual((await pages.store.jobs.list({ limit: 9 })).jobs, []);
  assert.equal((await browser.post(`${JOBS}/new`, NEW_JOB)).status, 303);
});

// A member of the company knows the addresses of what only admins may do.
Deno.test("a member looks at everything and changes nothing", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const job = await pages.addJob();
  const { run } = await pages.store.runs.trigger(job.id, { source: "manual" }, MACHINE);
  const browser = await pages.signedIn("member");
  const paths = [
    "/hosts",
    "/hosts/h-1",
    "/hosts/new",
    "/jobs",
    `/jobs/${job.id}`,
    "/runs",
    `/runs/${run.id}`,
  ];
  for (const path of paths) {
    const { status, text } = await browser.get(`/settings/agents${path}`);
    assert.equal(status, 200, path);
    const offered = [...text.matchAll(/<form method="post" action="([^"]+)"/g)].map(([, to]) => to);
    assert.deepEqual(offered, ["/sign-out"], path);
  }
  const attempts: [string, string][] = [
    ["GET", `${JOBS}/new`],
    ["POST", `${JOBS}/new`],
    ["POST", `${JOBS}/${job.id}/runs`],
    ["GET", `${JOBS}/${job.id}/edit`],
    ["POST", `${JOBS}/${job.id}/edit`],
    ["POST", `${JOBS}/${job.id}/delete`],
    ["POST", `/settings/agents/runs/${run.id}/cancel`],
  ];
  for (const [method, path] of attempts) {
    const answer = method === "GET" ? browser.get(path) : browser.post(path, NEW_JOB);
    const { status, text } = await answer;
    assert.deepEqual([path, status], [path, 403]);
    assert.match(text, /you are a member, and that takes an admin/);
  }
  assert.equal((await pages.store.runs.get(run.id)).cancel_requested_at, null);
  assert.equal((await pages.store.jobs.get(job.id)).version, 1);
});

// Somebody names a job, or an agent reports a message, so that it runs as a script in an admin's browser.
Deno.test("markup in a text is shown as text, wherever it comes from", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const script = `</title></pre>"'><script>alert(1)</script><img src=x onerror=alert(2)>`;
  const job = await pages.addJob({ name: script });
  const { run } = await pages.store.runs.trigger(job.id, { source: "manual" }, MACHINE);
  await pages.store.outbox.recordOutcome(run.id, {
    status: "failed",
    reason: "exit_nonzero",
    message: script,
    connections: [{
      connector: script,
      name: script,
      status: "failed",
      errors: [script],
      log: script,
    }],
    phases: [],
    ended_at: "2026-01-01T00:00:10.000Z",
  });
  const browser = await pages.signedIn("admin");
  const paths = [
    "/hosts/h-1",
    "/jobs",
    `/jobs/${job.id}`,
    `/jobs/${job.id}/edit`,
    `/jobs/${job.id}/delete`,
    "/runs",
    `/runs/${run.id}`,
    `/hosts/${encodeURIComponent(script)}`,
    `/${encodeURIComponent(script)}`,
  ];
  for (const path of paths) {
    const { text } = await browser.get(`/settings/agents${path}`);
    assert.deepEqual(
      text.match(/<script(?! src="\/assets)|<img|onerror=(?!alert\(2\)&gt;)/g),
      null,
      path,
    );
  }
  const typed = { ...NEW_JOB, name: "", connectors: script, connection_name: script };
  const { text, status } = await browser.post(`${JOBS}/new`, typed);
  assert.deepEqual([status, /<script(?! src="\/assets)|<img/.test(text)], [422, false]);
});

Deno.test("a form with faults names each beside its field and keeps what was typed", async () => {
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
  });
  assert.equal(status, 422);
  const errors = [...text.matchAll(/id="(\w+)-error">.*?<\/svg> ([^<]+)</gs)].map((
    [, id, words],
  ) => [
    id,
    words?.replaceAll("&quot;", '"'),
  ]);
  assert.deepEqual(errors.map(([id]) => id), ["name", "connectors", "run_limit"]);
  assert.equal(errors[0]?.[1], "Give the job a name");
  assert.match(errors[1]?.[1] ?? "", /^"--rm" must be 1 to 200 letters/);
  assert.equal(errors[2]?.[1], "Must be a number");
  for (const kept of ["snowflake, --rm", "finance", "kept.json", "soon", "h-gone"]) {
    assert.match(text, new RegExp(`value="${kept}"`));
  }
  assert.match(text, /<option value="days" selected="">/);
  const gone = await browser.post(`${JOBS}/new`, { ...NEW_JOB, host_id: "h-gone" });
  assert.match(gone.text, /id="host_id-error">.*?Is not registered/s);
});

Deno.test("choosing another type without a script shows its fields and loses nothing", async () => {
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

Deno.test("of two people who edit one job the second one sees what the first has saved", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const job = await pages.addJob();
  const [one, two] = [await pages.signedIn("admin"), await pages.signedIn("admin")];
  const edit = `${JOBS}/${job.id}/edit`;
  const fields = { ...NEW_JOB, version: "1", run_limit: "1", run_limit_unit: "hours" };
  assert.equal((await one.post(edit, { ...fields, name: "by one" })).status, 303);
  const { status, text } = await two.post(edit, { ...fields, name: "by two" });
  assert.equal(status, 412);
  assert.match(text, /somebody else changed this job/);
  assert.match(text, /saved is <code>by one<\/code>/);
  assert.match(text, /name="name" value="by two"/);
  assert.equal((await pages.store.jobs.get(job.id)).name, "by one");
  assert.equal((await two.post(edit, { ...fields, name: "by two", version: "2" })).status, 303);
  assert.equal((await pages.store.jobs.get(job.id)).name, "by two");
});

Deno.test("Run now sent twice is one run; with another one active it says so and shows the way out", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const job = await pages.addJob();
  const browser = await pages.signedIn("admin");
  const first = await browser.post(`${JOBS}/${job.id}/runs`, { after: "none" });
  const again = await browser.post(`${JOBS}/${job.id}/runs`, { after: "none" });
  assert.equal(first.location, again.location);
  const { status, text } = await browser.post(`${JOBS}/${job.id}/runs`, { after: "x" });
  assert.deepEqual([status, /Open the active run/.test(text)], [409, true]);
  assert.match((await browser.get(`${JOBS}/${job.id}/delete`)).text, /Cancel the run/);
  assert.equal((await browser.post(`${JOBS}/${job.id}/delete`, {})).status, 409);
});

Deno.test("a schedule is picked or typed, shown with its next times, and kept by every edit", async () => {
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

Deno.test("what is wrong with a schedule is told beside its field", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("admin");
  const cases: [Record<string, string>, string, RegExp][] = [
    [{ every: "cron", cron: "every day" }, "cron", /field/],
    [{ every: "cron", cron: "" }, "cron", /Write the expression/],
    [{ every: "cron", cron: "0 0 31 2 *" }, "cron", /no month has it/],
    [{ every: "week", weekdays: "" }, "weekdays", /Tick at least one day/],
    [{ every: "hour", minute: "60" }, "minute", /Must be 0 to 59/],
    [{ every: "day", at: "25:00" }, "at", /Must be a time/],
    [{ every: "day", time_zone: "Mars/Olympus" }, "time_zone", /Must be the name of a time zone/],
  ];
  for (const [fields, field, words] of cases) {
    const { status, text } = await browser.post(`${JOBS}/new`, { ...NEW_JOB, ...fields });
    assert.equal(status, 422, field);
    const banner = new RegExp(`<a href="#${field}">[^<]*</a>: ([^<]*)`).exec(text)?.[1];
    assert.match(banner ?? "", words);
  }
});
