/** The control plane in a separate process: how it stops, and that a second one on its data folder is refused. */

import assert from "node:assert/strict";
import { inFolder } from "../../fakes/system/temporary_folder.ts";
import { spawnPlaneAlone, startPlaneAlone } from "./plane_alone.ts";

Deno.test("while Temporal is down SIGTERM ends serve with 0 and SIGINT with 130", () =>
  inFolder(async (folder) => {
    for (const [signal, code] of [["SIGTERM", 0], ["SIGINT", 130]] as const) {
      await using plane = await startPlaneAlone(`${folder}/data`);
      plane.kill(signal);
      assert.equal(await plane.ended, code);
    }
  }));

// Attacker: sends half of a request and then nothing.
Deno.test("an unfinished request is cut off by a stop before its time to send a body is over", () =>
  inFolder(async (folder) => {
    await using plane = await startPlaneAlone(`${folder}/data`);
    const [hostname = "", port] = plane.address.split(":");
    using connection = await Deno.connect({ hostname, port: Number(port) });
    const key = (await Deno.readTextFile(`${folder}/data/admin.key`)).trim();
    const head = "POST /api/v1/agent-orchestrator/jobs HTTP/1.1\r\nHost: plane\r\n" +
      `Authorization: apikey ${key}\r\nContent-Type: application/json\r\n` +
      "Content-Length: 100\r\nExpect: 100-continue\r\n\r\n";
    await connection.write(new TextEncoder().encode(head));
    // "100 Continue" shows that the control plane waits for the body.
    await connection.read(new Uint8Array(100));
    plane.kill("SIGTERM");
    assert.equal(await plane.ended, 0);
    // After 30 s without a body it would have been answered with 408.
    assert.equal(await connection.read(new Uint8Array(100)).catch(() => null), null);
  }));

Deno.test("a second control plane on the same data folder ends with 5", () =>
  inFolder(async (folder) => {
    await using _first = await startPlaneAlone(`${folder}/data`);
    await using second = await spawnPlaneAlone(`${folder}/data`);
    assert.equal(await second.ended, 5);
    await second.logged("Cannot start a second control plane on");
  }));
