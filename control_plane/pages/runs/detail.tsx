/** The page of one run: status, timeline, parameters, and why it failed. */

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { AGENT_TYPE_NAMES } from "../../../lib/contract/agent_types.ts";
import type { Run } from "../../../lib/contract/run.ts";
import { durationInWords, When } from "../frame/times.tsx";
import { Aloud, Banner, Facts, Live, PageHead } from "../frame/parts.tsx";
import { StatusMark } from "../frame/status.tsx";
import { parameterFacts } from "../jobs/detail.tsx";
import { page, type Viewer } from "../page.ts";
import { hostPath, jobPath, PATHS } from "../paths.ts";
import { Outcome } from "./outcome.tsx";
import { CancelLink, TRIGGER_WORDS } from "./table.tsx";
import { Timeline } from "./timeline.tsx";

export const runDetail = page({
  method: "GET",
  path: `${PATHS.runs}/:id`,
  who: "anyone signed in",
  action: "show a run",
  async answer({ needs: { store }, params: { id }, viewer, now }) {
    const run = await store.runs.get(id);
    return {
      title: `Run of ${run.job_name}`,
      section: "runs",
      tables: ["runs"],
      ...(run.ended_at === null ? { reloadSeconds: 10 } : {}),
      content: (
        <>
          <PageHead
            title={run.job_name}
            above={<a href={PATHS.runs}>Runs</a>}
            beside={
              <Aloud>
                <Live id="run-status">
                  <StatusMark status={run.status} />
                </Live>
              </Aloud>
            }
          >
            <Live id="run-actions">
              <CancelLink run={run} viewer={viewer} look="button" />
            </Live>
          </PageHead>
          <Live id="run">
            <Standing run={run} />
            <Outcome run={run} />
            <h2>Timeline</h2>
            <Timeline run={run} now={now} />
            <h2>Details</h2>
            <Facts of={factsOf(run)} />
            <JobLink run={run} viewer={viewer} />
          </Live>
        </>
      ),
    };
  },
});

/** Describes what an active run is waiting for. */
function Standing({ run }: { run: Run }): JSX.Element | null {
  if (run.ended_at !== null) return null;
  if (run.cancel_requested_at !== null) {
    return (
      <Banner kind="note">
        Cancel was requested on{" "}
        <When at={run.cancel_requested_at} />. The run ends as canceled once its container has
        stopped.
      </Banner>
    );
  }
  if (run.status !== "queued") return null;
  return (
    <Banner kind="note">
      Waiting for host <a href={hostPath(run.host_id)}>{run.host_id}</a> to take the run.
    </Banner>
  );
}

function factsOf(run: Run): (readonly [string, Child])[] {
  return [
    ["Agent type", AGENT_TYPE_NAMES[run.agent_type]],
    ...parameterFacts(run.parameters),
    ["Run limit", durationInWords(run.run_limit_seconds * 1000)],
    ["Host", <a href={hostPath(run.host_id)}>{run.host_id}</a>],
    ["Trigger", TRIGGER_WORDS[run.trigger]],
    ["Run id", <code>{run.id}</code>],
  ];
}

function JobLink({ run, viewer }: { run: Run; viewer: Viewer }): JSX.Element {
  if (run.job_id === null) return <p class="quiet">The job has been deleted.</p>;
  return (
    <p>
      <a href={jobPath(run.job_id)}>
        {viewer.isAdmin ? "Open the job to change it or run it again" : "Open the job"}
      </a>
    </p>
  );
}
