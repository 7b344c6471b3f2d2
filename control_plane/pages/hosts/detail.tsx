/** The page of one host: facts, jobs, latest runs. */

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Host } from "../../../lib/contract/host.ts";
import { Banner, Copyable, Facts, Live, PageHead } from "../frame/parts.tsx";
import { StateMark } from "../frame/status.tsx";
import { Age, When } from "../frame/times.tsx";
import { JobTable } from "../jobs/table.tsx";
import { page } from "../page.ts";
import { hostPath, PATHS, withQuery } from "../paths.ts";
import { RunTable } from "../runs/table.tsx";
import { AgentTypes } from "./cells.tsx";
import { HostWarnings, reportFacts } from "./report.tsx";

const LATEST = 10;
const MOST_JOBS = 50;

export const hostDetail = page({
  method: "GET",
  path: `${PATHS.hosts}/:id`,
  who: "anyone signed in",
  action: "show a host",
  async answer({ needs: { store }, params: { id }, viewer, address, now }) {
    const host = await store.hosts.get(id);
    const [{ jobs, next_cursor: moreJobs }, { runs, next_cursor }] = await Promise.all([
      store.jobs.list({ host: id, limit: MOST_JOBS }),
      store.runs.list({ host: id, limit: LATEST }),
    ]);
    return {
      title: id,
      section: "hosts",
      tables: ["hosts", "jobs", "runs"],
      reloadSeconds: 30,
      content: (
        <>
          <PageHead
            title={id}
            above={<a href={PATHS.hosts}>Hosts</a>}
            beside={
              <Live id="host-state">
                <StateMark state={host.state} />
              </Live>
            }
          >
            {viewer.isAdmin ? <a class="button" href={`${hostPath(id)}/remove`}>Remove</a> : null}
          </PageHead>
          <Live id="host">
            <Unavailable host={host} />
            <HostWarnings host={host} />
            <Facts of={factsOf(host, now)} />
          </Live>
          <h2>Jobs</h2>
          <Live id="host-jobs">
            {jobs.length === 0
              ? <p class="quiet">This host has no jobs.</p>
              : <JobTable jobs={jobs} viewer={viewer} back={address} now={now} />}
            {moreJobs === null ? null : (
              <p>
                <a href={withQuery(PATHS.jobs, { host: id })}>All jobs of this host</a>
              </p>
            )}
          </Live>
          <h2>Latest runs</h2>
          <Live id="host-runs">
            {runs.length === 0
              ? <p class="quiet">No runs on this host yet.</p>
              : <RunTable runs={runs} viewer={viewer} now={now} />}
            {next_cursor === null ? null : (
              <p>
                <a href={withQuery(PATHS.runs, { host: id })}>All runs of this host</a>
              </p>
            )}
          </Live>
        </>
      ),
    };
  },
});

function factsOf(host: Host, now: Date): (readonly [string, Child])[] {
  const seen = host.last_heartbeat_at;
  return [
    ["Last heartbeat", seen === null ? "Never" : <Age at={seen} now={now} />],
    ["Agent types", <AgentTypes types={host.managed_agents} />],
    ["Version", host.version],
    ["Engine", host.engine ?? "Not reported yet"],
    ...reportFacts(host),
    ["Registered", <When at={host.registered_at} />],
  ];
}

const START = "./bigeye-agent compose up";
const LOOK = "./bigeye-agent compose status\n" +
  "./bigeye-agent compose logs -s bigeye-agent-orchestrator";

/** Advice for a host that does not take runs. */
function Unavailable({ host }: { host: Host }): JSX.Element | null {
  if (host.state === "online") return null;
  const wasStopped = host.report?.draining === true;
  return (
    <Banner kind="warn">
      <p>
        {silence(host)} Its runs wait until it is back. {wasStopped
          ? "To start it again, run this on the host:"
          : "Check the orchestrator on the host:"}
      </p>
      <Copyable text={wasStopped ? START : LOOK} />
    </Banner>
  );
}

function silence({ state, last_heartbeat_at, report }: Host): string {
  if (last_heartbeat_at === null) {
    return "This host is registered but has not sent a heartbeat yet.";
  }
  if (state === "draining") {
    return "This host's orchestrator is stopping. It takes no new runs and hands back its own.";
  }
  return report?.draining
    ? "This host's orchestrator was shut down."
    : "This host has stopped reporting.";
}
