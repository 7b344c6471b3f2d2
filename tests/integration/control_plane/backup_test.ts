/** Backup of a running control plane, and restore into a new folder, as docs/operate/backup.md says. */

import assert from "node:assert/strict";
import { Client } from "@temporalio/client";
import type { Run } from "../../../lib/contract/run.ts";
import { runWorkflowId } from "../../../lib/contract/temporal_names.ts";
import { ORCHESTRATOR } from "../../fakes/control_plane/plane.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";
import { emptyDisk } from "../../harness/temporal/fake_host.ts";
import { waitFor } from "../../harness/time/wait.ts";
import { gatewayTest } from "../support/gateway.ts";
import { endOf, HOST, register, triggered } from "./plane_account.ts";
import { type PlaneProcess, startPlaneProcess } from "./plane_process.ts";
import { connected } from "../../harness/temporal/server.ts";
import { host } from "../../harness/temporal/world.ts";

/** Runs the backup. Returns the exit code and the lines of stdout. */
async function backedUp(data: string, to: string): Promise<[number, string[]]> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "control_plane/mod.ts", "backup", "--data", data, "--to", to],
    cwd: new URL("../../..", import.meta.url),
    stdin: "null",
  }).output();
  return [code, new TextDecoder().decode(stdout).trim().split("\n")];
}

async function addJob(plane: PlaneProcess, name: string): Promise<string> {
  const body = {
    name,
    host_id: HOST,
    agent_type: "datahealth",
    parameters: { file_name: name },
    run_limit_seconds: 600,
  };
  await plane.call("POST", `${ORCHESTRATOR}/jobs`, { body });
  return name;
}

/** Creates jobs one after the other until the work has ended. Returns their names. */
async function addingJobsDuring(plane: PlaneProcess, work: Promise<unknown>): Promise<string[]> {
  let isOver = false;
  const over = work.finally(() => isOver = true);
  const names: string[] = [];
  while (!isOver) names.push(await addJob(plane, `job ${names.length}`));
  await over;
  return names;
}

/** Waits until Temporal has the run's workflow. */
async function dispatched(plane: PlaneProcess, runId: string): Promise<void> {
  const connection = await connected(plane.temporal);
  try {
    const handle = new Client({ connection }).workflow.getHandle(runWorkflowId(runId));
    await waitFor(() => handle.describe().catch(() => undefined), {
      what: `run ${runId} to be dispatched`,
    });
  } finally {
    await connection.close();
  }
}

async function jobNames(plane: PlaneProcess): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "" : `?pageCursor=${encodeURIComponent(cursor)}`;
    const page = await plane.call("GET", `${ORCHESTRATOR}/jobs${query}`) as {
      readonly jobs: readonly { readonly name: string }[];
      readonly paginationInfo: { readonly nextCursor?: string };
    };
    names.push(...page.jobs.map(({ name }) => name));
    cursor = page.paginationInfo.nextCursor ?? null;
  } while (cursor !== null);
  return names;
}

const modeOf = async (path: string): Promise<number> => ((await Deno.stat(path)).mode ?? 0) & 0o777;

gatewayTest(
  "a backup of a running control plane can be restored with its jobs, runs and workflows",
  () =>
    inFolder(async (folder) => {
      const [data, saved, restored] = [`${folder}/data`, `${folder}/saved`, `${folder}/restored`];
      await using first = await startPlaneProcess({ data });
      const keys = await register(first, data);
      const ended = await (async () => {
        await using _host = await host(first.temporal, keys, { hostId: HOST, disk: emptyDisk() });
        const run = await triggered(first, "succeeds");
        await endOf(first, run);
        return await first.call("GET", `${ORCHESTRATOR}/runs/${run}`) as Run;
      })();
      // The host is offline, so that the run waits in Temporal, and the database has it as dispatched.
      const waiting = await triggered(first, "fails");
      await dispatched(first, waiting);

      const before = await addJob(first, "job before");
      const backup = backedUp(data, saved);
      const added = [before, ...await addingJobsDuring(first, backup)];
      const names = [
        "bigeye.private.pem",
        "ca.pem",
        "ca.private.pem",
        "plane.sqlite",
        "temporal.sqlite",
      ];
      const [code, said] = await backup;
      assert.deepEqual([code, said.toSorted()], [0, names.map((name) => `${saved}/${name}`)]);
      assert.equal(await modeOf(saved), 0o700);
      const open = await Array.fromAsync(said, async (path) => [path, await modeOf(path)] as const);
      assert.deepEqual(open.filter(([, mode]) => mode !== 0o600), [[`${saved}/ca.pem`, 0o644]]);
      assert.deepEqual((await backedUp(data, saved))[0], 5);
      const meanwhile = await triggered(first, "runs until canceled");
      assert.equal(await first.stop(), 0);

      const copied = await new Deno.Command("cp", { args: ["-a", saved, restored] }).output();
      assert.equal(copied.code, 0);
      await Deno.copyFile(`${data}/admin.key`, `${restored}/admin.key`); // the admin keeps it
      await using second = await startPlaneProcess({ data: restored });
      assert.deepEqual(await second.call("GET", `${ORCHESTRATOR}/runs/${ended.id}`), ended);
      const kept = (await jobNames(second)).filter((name) => name.startsWith("job "));
      assert(kept.includes(before));
      assert.deepEqual(kept.toSorted(), added.slice(0, kept.length).toSorted());
      await assert.rejects(second.call("GET", `${ORCHESTRATOR}/runs/${meanwhile}`), /404/);

      await using _host = await host(second.temporal, keys, { hostId: HOST, disk: emptyDisk() });
      const end = await endOf(second, waiting);
      assert.deepEqual(end, { status: "failed", reason: "exit_nonzero" });
      await triggered(second, "succeeds");
    }),
);
