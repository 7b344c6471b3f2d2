/** Removes a host after a confirmation; if jobs or runs need it, shows how to proceed. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { Problem } from "../../../lib/problems/problem.ts";
import { Banner, PageHead, PostForm } from "../frame/parts.tsx";
import { page, type PageCall, type ShownPage, type Viewer } from "../page.ts";
import { hostPath, PATHS, withQuery } from "../paths.ts";

const PATH = `${PATHS.hosts}/:id/remove` as const;
const action = "remove a host";

export const askRemoveHost = page({
  method: "GET",
  path: PATH,
  who: "admin",
  action,
  answer: (call) => shown(call),
});

async function shown(
  { needs: { store }, params: { id }, viewer }: PageCall<typeof PATH>,
): Promise<ShownPage> {
  const { host_id } = await store.hosts.get(id);
  const { jobs } = await store.jobs.list({ host: host_id, limit: 1 });
  const active = (await store.runs.active()).filter((run) => run.host_id === host_id);
  return {
    title: `Remove ${host_id}`,
    section: "hosts",
    content: (
      <div class="narrow">
        <PageHead
          title={`Remove ${host_id}?`}
          above={<a href={hostPath(host_id)}>{host_id}</a>}
        />
        {jobs.length > 0 || active.length > 0
          ? <Needed hostId={host_id} hasRuns={active.length > 0} />
          : <Question hostId={host_id} viewer={viewer} />}
      </div>
    ),
  };
}

function Needed({ hostId, hasRuns }: { hostId: string; hasRuns: boolean }): JSX.Element {
  return (
    <>
      <Banner kind="bad">
        {hasRuns
          ? "Runs are active on this host. Cancel them, or wait until they end."
          : "Jobs use this host. Delete them, or move them to another host."}
      </Banner>
      <div class="deciding">
        {hasRuns
          ? <a class="button" href={withQuery(PATHS.runs, { host: hostId })}>View its runs</a>
          : <a class="button" href={withQuery(PATHS.jobs, { host: hostId })}>View its jobs</a>}
        <a class="button" href={hostPath(hostId)}>Keep the host</a>
      </div>
    </>
  );
}

function Question({ hostId, viewer }: { hostId: string; viewer: Viewer }): JSX.Element {
  return (
    <>
      <p>
        First stop the orchestrator on the host:{" "}
        <code>./bigeye-agent compose down</code>. Once the host is removed, another one can use its
        id. Its runs stay in the history.
      </p>
      <PostForm to={`${hostPath(hostId)}/remove`} viewer={viewer} name="deciding">
        <button type="submit" class="danger">Remove the host</button>
        <a class="button" href={hostPath(hostId)}>Keep it</a>
      </PostForm>
    </>
  );
}

export const removeHost = page({
  method: "POST",
  path: PATH,
  who: "admin",
  action,
  async answer(call) {
    const { needs: { store }, params: { id }, by } = call;
    try {
      await store.hosts.remove(id, by);
      return { goTo: PATHS.hosts, done: "host_removed" };
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 409) throw error;
      // A job or run was created after the confirmation was shown.
      return { ...await shown(call), status: 409 };
    }
  },
});
