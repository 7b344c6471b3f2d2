/** Error pages: their hints are about pages, not about REST calls. */

import assert from "node:assert/strict";
import { FailureContent, titleOf } from "../../../control_plane/pages/frame/failure_page.tsx";
import { MACHINE } from "../../../control_plane/store/mod.ts";
import type { Problem } from "../../../lib/problems/problem.ts";
import * as records from "../../../lib/problems/records.ts";
import * as rest from "../../../lib/problems/rest.ts";
import { wordsOf } from "../../fakes/control_plane/html.ts";
import { testPages } from "../../fakes/control_plane/pages.ts";

const AGENTS = "/settings/agents";

/** The title, the hint and the link of an error page. */
function shownOf(problem: Problem): (string | undefined)[] {
  const html = String(FailureContent({ problem }));
  const [, words = "", rest = ""] = /<p class="what">.*?<\/p><p>(.*?)<\/p>(.*)/s.exec(html) ?? [];
  const [, to] = /href="([^"]*)"/.exec(rest) ?? [];
  return [titleOf(problem), wordsOf(words), ...(to === undefined ? [] : [to])];
}

Deno.test("every refusal of the store has a hint for readers of pages", () => {
  const problems = [
    rest.notFound("host", "h"),
    rest.notFound("job", "j"),
    rest.notFound("run", "r"),
    rest.notFound("user", "u"),
    rest.notFound("API key", "k"),
    records.hostNotEligible("h", "lineage"),
    records.hostNotRegistered("h"),
    records.runAlreadyActive("r", "j"),
    records.jobHasActiveRun("r", "j"),
    records.runNotActive("r", "failed"),
    rest.inputInvalid([]),
    rest.rateLimited(3, 20),
    records.lastAdmin("remove a user"),
    rest.bodyTooLarge(1),
    rest.bodyTooSlow(1),
    rest.bodyCutOff(new Error("test")),
  ];
  const otherHost =
    "Edit the job to choose another host, or add the agent to bigeye_agent.yml on this host " +
    'and run "./bigeye-agent sync" there.';
  assert.deepEqual(
    problems.map(shownOf),
    [
      ["Not found", "It may have been removed.", `${AGENTS}/hosts`],
      ["Not found", "It may have been deleted.", `${AGENTS}/jobs`],
      ["Not found", "It may be older than the retention period.", `${AGENTS}/runs`],
      ["Not found", "The user may have been removed.", "/settings/people"],
      ["Not found", "It may have been revoked.", "/settings/keys"],
      ["Not possible now", otherHost, `${AGENTS}/jobs`],
      ["Not possible now", otherHost, `${AGENTS}/jobs`],
      ["Not possible now", "Wait for the run to end, or cancel it first.", `${AGENTS}/runs/r`],
      ["Not possible now", "Wait for the run to end, or cancel it first.", `${AGENTS}/runs/r`],
      ["Not possible now", "It has already ended.", `${AGENTS}/runs`],
      ["Invalid request", "Go back and correct it, or choose a page from the menu."],
      ["Too many requests", "Wait a few seconds, then reload the page."],
      ["Not possible now", "Make another user an admin first.", "/settings/people"],
      ["Too large", "Go back and shorten it."],
      ["Invalid request", "Go back and submit it again."],
      ["Invalid request", "Go back and submit it again."],
    ],
  );
});

Deno.test("a host that jobs or runs need by the time of the confirmation is not removed, and the page says why", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("admin");
  const path = `${AGENTS}/hosts/h-1/remove`;
  const shown = async (answer: Promise<{ status: number; text: string }>) => {
    const { status, text } = await answer;
    const [, main = ""] = /<main[^>]*>(.*)<\/main>/s.exec(text) ?? [];
    return [status, wordsOf(main)];
  };
  const asked = await shown(browser.get(path));
  const job = await pages.addJob();
  const ofJob = await shown(browser.post(path, {}));
  await pages.store.runs.trigger(job.id, { source: "manual" }, MACHINE);
  const ofRun = await shown(browser.post(path, {}));
  assert.deepEqual([asked[0], ofJob, ofRun], [
    200,
    [
      409,
      "h-1 Remove h-1? Jobs use this host. Delete them, or move them to another host. " +
      "View its jobs Keep the host",
    ],
    [
      409,
      "h-1 Remove h-1? Runs are active on this host. Cancel them, or wait until they end. " +
      "View its runs Keep the host",
    ],
  ]);
});

Deno.test("Run now on a host that no longer has the agent says what to do", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const { id } = await pages.addJob();
  await pages.addHost("h-1", ["datahealth"]);
  const browser = await pages.signedIn("admin");
  const { status, text } = await browser.post(`${AGENTS}/jobs/${id}/runs`, { after: "none" });
  const [, main = ""] = /<main[^>]*>(.*)<\/main>/s.exec(text) ?? [];
  assert.deepEqual([status, wordsOf(main)], [
    422,
    'Not possible now Cannot run lineage jobs on host "h-1": the agent type is not in its set. ' +
    "Edit the job to choose another host, or add the agent to bigeye_agent.yml on this host " +
    'and run "./bigeye-agent sync" there. ' +
    "See all jobs",
  ]);
});
