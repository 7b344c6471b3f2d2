/** The compiled control plane on one machine, with the Temporal and the gateway that it starts itself. */

import assert from "node:assert/strict";
import { run } from "../../tools/cli/run.ts";
import { startControlPlane } from "../harness/scene/control_plane.ts";
import { makeHostFolder } from "../harness/scene/host.ts";
import { systemFreePort } from "../../lib/system/network.ts";
import { bridgeGateway } from "../harness/scene/scene.ts";
import { Rest } from "../harness/scene/rest.ts";
import { ordinaryPath } from "../harness/scene/ordinary_path.ts";
import { acceptance } from "./support/acceptance.ts";
import { nothingLeft } from "./support/containers.ts";
import { ending, healthJob, SUCCEEDED } from "./support/jobs.ts";

const missing = Deno.env.get("BIGEYE_TEST_HAPROXY") ? "" : "no HAProxy; set BIGEYE_TEST_HAPROXY";

acceptance(
  "a host registers with a control plane that runs its own Temporal, and runs a job through its gateway",
  async (built) => {
    await using parts = new AsyncDisposableStack();
    const folder = await Deno.makeTempDir({ prefix: "bigeye-scene-" });
    // The orchestrator runs as another user and must be able to enter the folder.
    await Deno.chmod(folder, 0o755);
    parts.defer(() => Deno.remove(folder, { recursive: true }));
    const gateway = await bridgeGateway();
    const gatewayListen = `${gateway}:${systemFreePort()}`;
    // Oracle's client sets this variable for all users. With it, a Deno program cannot start other programs.
    const env = { LD_LIBRARY_PATH: "/opt/oracle/lib" };
    const plane = parts.use(
      await startControlPlane(`${built.binaries}/bigeye-control-plane`, {
        folder,
        gateway,
        temporal: { program: built.temporal, gatewayListen },
        env: { ...env, PATH: ordinaryPath() },
      }),
    );
    const rest = new Rest(plane.localUrl, plane.adminKey);
    const host = parts.use(await makeHostFolder({ ...built, folder, plane, rest }));

    const config = await Deno.readTextFile(`${host.path}/bigeye_agent.yml`);
    assert(config.includes(gatewayListen), config);
    const job = await healthJob({ rest, host }, ["standin.seconds=0"]);
    const ended = await rest.ended((await rest.trigger(job.id)).id);
    assert.deepEqual(ending(ended), SUCCEEDED);

    const status = ["compose", "status", "--json"];
    const options = { cwd: host.path, env };
    const text = await run([`${built.binaries}/bigeye-agent`, ...status], options);
    assert.equal(JSON.parse(text).host_id, host.hostId);
    await nothingLeft({ host });
  },
  { missing },
);
