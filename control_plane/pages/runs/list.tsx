/** The list of runs of all jobs, newest first. */

import * as v from "valibot";
import type { JSX } from "hono/jsx/jsx-runtime";
import { checked } from "../../http/body.ts";
import { runFilters } from "../../http/queries.ts";
import { Paging } from "../frame/table.tsx";
import { Empty, Live, PageHead } from "../frame/parts.tsx";
import { page, type Viewer } from "../page.ts";
import { PATHS } from "../paths.ts";
import { Filters } from "./filters.tsx";
import { RunTable } from "./table.tsx";

/** About two screens; the browser lays out all rows before it paints the first. */
const A_PAGE = 25;
/** With more hosts than this, the filter is a text field. */
const MOST_CHOICES = 200;
const FILTERS = ["host", "agent_type", "status", "job"] as const;
const FiltersSchema = v.object({ ...runFilters, cursor: v.optional(v.string()) });

export const runList = page({
  method: "GET",
  path: PATHS.runs,
  who: "anyone signed in",
  action: "list runs",
  async answer({ needs: { store }, query, viewer, now }) {
    // A form submits an empty choice as an empty string.
    const given = [...FILTERS, "cursor"].map((name) => [name, query.get(name) || undefined]);
    const { cursor, ...chosen } = checked(FiltersSchema, Object.fromEntries(given));
    // Not in parallel with the queries below: it rejects a foreign cursor, and they would be left unawaited.
    const { runs, next_cursor } = await store.runs.list({ ...chosen, cursor, limit: A_PAGE });
    const [{ hosts, next_cursor: moreHosts }, job] = await Promise.all([
      store.hosts.list({ limit: MOST_CHOICES }),
      chosen.job === undefined ? undefined : store.jobs.get(chosen.job).catch(() => undefined),
    ]);
    return {
      title: "Runs",
      section: "runs",
      // No automatic reload, because filters are chosen here.
      tables: ["runs"],
      content: (
        <>
          <PageHead title="Runs" />
          <Filters
            chosen={chosen}
            hosts={moreHosts === null ? hosts.map(({ host_id }) => host_id) : undefined}
            jobName={job?.name}
          />
          <Live id="runs">
            {runs.length > 0 ? <RunTable runs={runs} viewer={viewer} now={now} /> : (
              <NoRuns
                isNarrowed={Object.values(chosen).some(Boolean) || cursor !== undefined}
                viewer={viewer}
              />
            )}
            <Paging
              path={PATHS.runs}
              query={chosen}
              cursor={cursor}
              next={next_cursor}
              words={{ first: "Newest runs", next: "Older runs" }}
            />
          </Live>
        </>
      ),
    };
  },
});

function NoRuns(
  { isNarrowed, viewer }: { isNarrowed: boolean; viewer: Viewer },
): JSX.Element {
  if (isNarrowed) {
    return (
      <Empty title="No runs match these filters">
        <p>
          <a href={PATHS.runs}>See all runs</a>
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="No runs yet">
      {viewer.isAdmin
        ? (
          <p>
            Open <a href={PATHS.jobs}>Jobs</a>, choose{" "}
            <strong>Run now</strong>, and follow the run here.
          </p>
        )
        : <p>A run appears here as soon as an admin or a schedule starts it.</p>}
    </Empty>
  );
}
