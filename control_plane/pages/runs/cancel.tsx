/** Cancels a run after a confirmation, because hours of work may be lost. */

import { Banner, Facts, PageHead, PostForm } from "../frame/parts.tsx";
import { StatusMark } from "../frame/status.tsx";
import { When } from "../frame/times.tsx";
import { page } from "../page.ts";
import { hostPath, PATHS, runPath } from "../paths.ts";

const PATH = `${PATHS.runs}/:id/cancel` as const;
const action = "cancel a run";

export const askCancel = page({
  method: "GET",
  path: PATH,
  who: "admin",
  action,
  async answer({ needs: { store }, params: { id }, viewer }) {
    const run = await store.runs.get(id);
    if (run.ended_at !== null) return { goTo: runPath(id) };
    return {
      title: `Cancel the run of ${run.job_name}`,
      section: "runs",
      content: (
        <div class="narrow">
          <PageHead
            title={`Cancel the run of ${run.job_name}?`}
            above={<a href={runPath(id)}>Run</a>}
          />
          <Facts
            of={[
              ["Status", <StatusMark status={run.status} />],
              ["Triggered", <When at={run.created_at} />],
              ["Host", <a href={hostPath(run.host_id)}>{run.host_id}</a>],
            ]}
          />
          <Banner kind="note">
            The agent is asked to stop, and killed if it does not stop in time. Work that it has
            already done is not undone.
          </Banner>
          <PostForm to={`${runPath(id)}/cancel`} viewer={viewer} name="deciding">
            <button type="submit" class="danger">Cancel the run</button>
            <a class="button" href={runPath(id)}>Keep the run</a>
          </PostForm>
        </div>
      ),
    };
  },
});

export const cancelRun = page({
  method: "POST",
  path: PATH,
  who: "admin",
  action,
  async answer({ needs: { store, dispatch, log }, params: { id }, by }) {
    const run = await store.runs.cancel(id, by);
    log("info", "run cancel requested", { run_id: id, status: run.status });
    if (run.ended_at !== null) return { goTo: runPath(id), done: "run_canceled" };
    dispatch.wake();
    return { goTo: runPath(id), done: "cancel_asked" };
  },
});
