/** The control plane with a Temporal server that it starts itself. */

import assert from "node:assert/strict";
import { Client } from "@temporalio/client";
import { runWorkflowId } from "../../../lib/contract/temporal_names.ts";
import { GATEWAY_NAME } from "../../../templates/certificates.ts";
import { ORCHESTRATOR } from "../../fakes/control_plane/plane.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";
import { emptyDisk } from "../../harness/temporal/fake_host.ts";
import { gatewayTest } from "../support/gateway.ts";
import { test } from "../../harness/temporal/over_temporal.ts";
import { until } from "../../harness/time/wait.ts";
import { endOf, HOST, register, triggered } from "./plane_account.ts";
import { startPlaneProcess } from "./plane_process.ts";
import { connected } from "../../harness/temporal/server.ts";
import { host } from "../../harness/temporal/world.ts";

/** Returns the process id of the Temporal server with this data folder, if there is one. */
async function temporalOf(data: string): Promise<number | undefined> {
  const { stdout } = await new Deno.Command("pgrep", { args: ["-f", `${data}/temporal.sqlite`] })
    .output();
  return Number(new TextDecoder().decode(stdout).trim()) || undefined;
}

async function pidOf(data: string): Promise<number> {
  const pid = await temporalOf(data);
  if (pid === undefined) throw new Error("no Temporal server runs");
  return pid;
}

const untilGone = (data: string): Promise<void> =>
  until("the Temporal server to end", async () => await temporalOf(data) === undefined);

/** Leaves the files of a first start that was killed before Temporal had created its tables. */
async function breakOffFirstStart(data: string): Promise<void> {
  await Deno.mkdir(data, { mode: 0o700 });
  await Deno.writeTextFile(`${data}/temporal.sqlite`, "");
  await Deno.writeTextFile(`${data}/temporal.sqlite.unfinished`, "");
}

gatewayTest(
  "runs survive a killed Temporal server, and their workflows survive a restart",
  () =>
    inFolder(async (folder) => {
      const data = `${folder}/data`;
      await breakOffFirstStart(data);
      const disk = emptyDisk();
      const first = await startPlaneProcess({ data });
      await using _first = first;
      assert.match(first.temporal, /^127\.0\.0\.1:\d+$/);
      assert.match(first.log(), /started a temporal server for this machine only/);
      const keys = await register(first, data);
      // The host gets the address of the gateway, and a client certificate for it.
      assert.equal(keys.temporal.tls?.serverName, GATEWAY_NAME);
      assert.notEqual(keys.temporal.address, first.temporal);
      const endless = await (async () => {
        await using _host = await host(keys.temporal, keys, { hostId: HOST, disk });
        const run = await triggered(first, "runs until canceled");
        await disk.log.until(`accepted ${run}`);

        const killed = await pidOf(data);
        Deno.kill(killed, "SIGKILL");
        const short = await triggered(first, "succeeds");
        assert.deepEqual(await endOf(first, short), { status: "succeeded", reason: null });
        assert.notEqual(await pidOf(data), killed);
        await first.call("POST", `${ORCHESTRATOR}/runs/${run}/cancel`);
        assert.deepEqual(await endOf(first, run), {
          status: "canceled",
          reason: "canceled_by_user",
        });
        return run;
      })();
      assert.equal(await first.stop(), 0);
      assert.equal(await temporalOf(data), undefined);

      await using second = await startPlaneProcess({ data });
      const connection = await connected(second.temporal);
      try {
        const id = runWorkflowId(endless);
        const known = await new Client({ connection }).workflow.getHandle(id).describe();
        assert.equal(known.workflowId, id);
      } finally {
        await connection.close();
      }
      // Two Temporal servers would corrupt the file, so that none may outlive its control plane.
      await second.kill();
      await untilGone(data);
    }),
);

test("without a Temporal program serve ends with 3 and says what to install", () =>
  inFolder(async (folder) => {
    const flags = ["--data", `${folder}/data`, "--listen", "127.0.0.1:0"];
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "control_plane/mod.ts", "serve", ...flags],
        ...["--admin-key-file", `${folder}/admin.key`, "--temporal-server", `${folder}/temporal`],
      ],
      cwd: new URL("../../..", import.meta.url),
      stdin: "null",
    }).output();
    const said = new TextDecoder().decode(stderr).split("\n");
    assert.deepEqual([code, ...said.slice(said.findIndex((line) => line.startsWith("error:")))], [
      3,
      `error: Cannot start a Temporal server: there is no program "${folder}/temporal"`,
      " hint: Install the Temporal CLI (https://docs.temporal.io/cli), or name its program with " +
      "--temporal-server, or set --temporal-address to an existing Temporal",
      " code: temporal_server_missing",
      "",
    ]);
    // A file that this start left behind would be in the way of a backup that is restored next.
    const left = (await Array.fromAsync(Deno.readDir(`${folder}/data`))).map(({ name }) => name);
    assert.deepEqual(left.filter((name) => name.startsWith("temporal")), []);
  }));
