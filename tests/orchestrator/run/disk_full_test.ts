/** Full disks: nothing starts that cannot be recorded, lost output does not fail a run, and the reason is named. */

import assert from "node:assert/strict";
import { Engine } from "../../../lib/docker/engine.ts";
import type { Fetch } from "../../../lib/ports.ts";
import { diskFull } from "../../../lib/problems/host.ts";
import { cancelRun } from "../../../orchestrator/run/control.ts";
import {
  makeWorld,
  NAME,
  orderOf,
  run,
  RUN_FOLDER,
  RUN_ID,
  untilRunning,
  type World,
} from "../world.ts";

const NO_SPACE = new Error("No space left on device (os error 28)");
const QUOTA = new Error("Disk quota exceeded (os error 122)");

for (const error of [NO_SPACE, QUOTA, diskFull(`${RUN_FOLDER}/run.json`, NO_SPACE)]) {
  Deno.test(`a run whose journal fails with "${error.message}" ends as disk_pressure, and nothing is started`, async () => {
    const world = makeWorld();
    world.files.writeText = () => Promise.reject(error);
    const { status, reason, message } = await run(world.process().needs, orderOf(["exit-0"]));
    assert.deepEqual({ status, reason, message }, {
      status: "failed",
      reason: "disk_pressure",
      message: error.message,
    });
    assert.deepEqual(world.engine.changes, []);
  });
}

/** Makes the journal's writes fail while `isFull` returns true for their text. */
function fillDisk(world: World, isFull: (text: string) => boolean): void {
  const { writeText } = world.files;
  world.files.writeText = (path, text, options) =>
    isFull(text) ? Promise.reject(NO_SPACE) : writeText(path, text, options);
}

Deno.test("a container is not started if its start cannot be recorded", async () => {
  const world = makeWorld();
  fillDisk(world, (text) => text.includes("start_requested_at") && !text.includes("outcome"));
  const outcome = await run(world.process().needs, orderOf(["exit-0"]));
  assert.deepEqual(
    [outcome.status, outcome.reason, world.engine.containers.get(NAME)?.status],
    ["failed", "disk_pressure", "created"],
  );
});

Deno.test("a cancel is acknowledged only when it is on disk, also when it is sent again", async () => {
  const world = makeWorld();
  const { needs } = world.process();
  let full = true;
  fillDisk(world, () => full);
  await assert.rejects(cancelRun(needs, RUN_ID), /No space left/);
  await assert.rejects(cancelRun(needs, RUN_ID), /No space left/);
  full = false;
  await cancelRun(needs, RUN_ID);
  const late = await run(world.process().needs, orderOf(["exit-0"]));
  assert.deepEqual([late.status, world.engine.containers.has(NAME)], ["canceled", false]);
});

Deno.test("a pull that fills the engine's disk is disk_pressure", async () => {
  const world = makeWorld();
  world.engine.images.clear();
  const answer = "failed to register layer: write /usr/lib/x: no space left on device";
  world.engine.pullErrors.set("fake/lineage:1", answer);
  const { reason, message } = await run(world.process().needs, orderOf(["exit-0"]));
  assert.deepEqual({ reason, message }, {
    reason: "disk_pressure",
    message: `Cannot pull image "fake/lineage:1": ${answer}`,
  });
});

for (const action of ["create", "start"]) {
  Deno.test(`an engine without space to ${action} a container is disk_pressure`, async () => {
    const world = makeWorld();
    const { needs } = world.process();
    const answer = "mkdir /var/lib/docker/overlay2/x: no space left on device";
    const fetch: Fetch = (request) =>
      new URL(request.url).pathname.endsWith(`/${action}`)
        ? Promise.resolve(
          Response.json({ message: answer }, { status: 500, headers: { "Api-Version": "1.41" } }),
        )
        : world.engine.fetch(request);
    const engine = new Engine({ fetch, clock: world.clock, baseUrl: "http://engine:2375" });
    const order = orderOf(["exit-0"]);
    const { status, reason, message } = await run({ ...needs, engine }, order);
    assert.deepEqual([status, reason], ["failed", "disk_pressure"]);
    assert.match(message ?? "", /no space left on device/);
  });
}

/** While `failing` returns a step, the output file cannot be opened, or stores only half of each write. */
function failOutput(world: World, failing: () => "open" | "write" | undefined): void {
  const { append } = world.files;
  world.files.append = async (path, mode) => {
    if (failing() === "open") throw NO_SPACE;
    const file = await append(path, mode);
    const write = async (bytes: Uint8Array) => {
      if (failing() === undefined) return await file.write(bytes);
      await file.write(bytes.subarray(0, bytes.length / 2));
      throw NO_SPACE;
    };
    return { write, close: () => file.close() };
  };
}

for (const step of ["open", "write"] as const) {
  Deno.test(`output that cannot be stored because of ${step} does not change how a run ends`, async () => {
    for (const code of [0, 3]) {
      const world = makeWorld();
      failOutput(world, () => step);
      const { needs, logged } = world.process();
      const order = orderOf(["says-oops", "runs-5", `exit-${code}`]);
      const { status, message, exit_code } = await run(needs, order);
      assert.deepEqual(
        { status, message, exit_code },
        code === 0 ? { status: "succeeded", message: undefined, exit_code: 0 } : {
          status: "failed",
          message: "The agent exited with code 3; its output could not be stored on the host",
          exit_code: 3,
        },
      );
      const warnings = logged.filter(({ level }) => level === "warn");
      assert.ok(warnings.some(({ fields }) => fields["error"] === NO_SPACE.message));
    }
  });
}

Deno.test("after the disk was full for a while, the output is complete and in the host's log once", async () => {
  const world = makeWorld();
  let failing: "write" | undefined = "write";
  failOutput(world, () => failing);
  const { needs, logged } = world.process();
  const running = run(needs, orderOf(["says-one", "says-two", "runs-20", "exit-3"]));
  await untilRunning(world);
  await world.clock.sleep(5_000);
  failing = undefined;
  assert.equal(
    (await running).message,
    "The agent exited with code 3; its last output:\none\ntwo",
  );
  const output = world.files.texts()[`${RUN_FOLDER}/output.log`] ?? "";
  assert.deepEqual(output.trimEnd().split("\n").map((line) => line.split(" ")[2]), ["one", "two"]);
  const shown = logged.filter(({ fields }) => fields["stream"] === "out");
  assert.deepEqual(shown.map(({ message }) => message), ["one", "two"]);
});
