/** A disk that takes nothing more: nothing is begun that could not be remembered, and output decides nothing. */

import assert from "node:assert/strict";
import { cancelRun } from "../../../orchestrator/run/control.ts";
import { runAgentJob } from "../../../orchestrator/run/run_job.ts";
import {
  makeWorld,
  NAME,
  newAttempt,
  orderOf,
  RUN_FOLDER,
  RUN_ID,
  signed,
  untilRunning,
  type World,
} from "../world.ts";

const FULL = "No space left on device (os error 28)";

/** Makes writes of journals fail for as long as `isFull` says so. */
function fillDisk(world: World, isFull: (text: string) => boolean): void {
  const { writeText } = world.files;
  world.files.writeText = (path, text, options) =>
    isFull(text) ? Promise.reject(new Error(FULL)) : writeText(path, text, options);
}

Deno.test("a container is not started when its start cannot be remembered", async () => {
  const world = makeWorld();
  fillDisk(world, (text) => text.includes("start_requested_at") && !text.includes("outcome"));
  const outcome = await runAgentJob(world.process().needs, {
    signed: await signed(orderOf(["exit-0"])),
    attempt: newAttempt(),
  });
  assert.deepEqual(
    [outcome.status, outcome.reason, world.engine.containers.get(NAME)?.status],
    ["failed", "disk_pressure", "created"],
  );
});

Deno.test("a cancel is acknowledged only once it is on disk, however often it is asked for", async () => {
  const world = makeWorld();
  const { needs } = world.process();
  let full = true;
  fillDisk(world, () => full);
  await assert.rejects(cancelRun(needs, RUN_ID), /No space left/);
  await assert.rejects(cancelRun(needs, RUN_ID), /No space left/);
  full = false;
  await cancelRun(needs, RUN_ID);
  const late = await runAgentJob(world.process().needs, {
    signed: await signed(orderOf(["exit-0"])),
    attempt: newAttempt(),
  });
  assert.deepEqual([late.status, world.engine.containers.has(NAME)], ["canceled", false]);
});

/** Makes the file of output take half of what is written, or not even be opened, while `isFull` says so. */
function fillOutput(world: World, isFull: () => "open" | "write" | undefined): void {
  const { append } = world.files;
  world.files.append = async (path, mode) => {
    if (isFull() === "open") throw new Error(FULL);
    const file = await append(path, mode);
    const write = async (bytes: Uint8Array) => {
      if (isFull() === undefined) return await file.write(bytes);
      await file.write(bytes.subarray(0, bytes.length / 2));
      throw new Error(FULL);
    };
    return { write, close: () => file.close() };
  };
}

for (const step of ["open", "write"] as const) {
  Deno.test(`output that the disk refuses on ${step} does not change how a run ends`, async () => {
    for (const code of [0, 3]) {
      const world = makeWorld();
      fillOutput(world, () => step);
      const { status, message, exit_code } = await runAgentJob(world.process().needs, {
        signed: await signed(orderOf(["says-oops", "runs-5", `exit-${code}`])),
        attempt: newAttempt(),
      });
      assert.deepEqual(
        { status, message, exit_code },
        code === 0 ? { status: "succeeded", message: undefined, exit_code: 0 } : {
          status: "failed",
          message: "The agent exited with code 3; its output could not be stored on the host",
          exit_code: 3,
        },
      );
    }
  });
}

Deno.test("output is whole, and in the host's log once, after the disk was full for a while", async () => {
  const world = makeWorld();
  let full: "write" | undefined = "write";
  fillOutput(world, () => full);
  const { needs, logged } = world.process();
  const running = runAgentJob(needs, {
    signed: await signed(orderOf(["says-one", "says-two", "runs-20", "exit-3"])),
    attempt: newAttempt(),
  });
  await untilRunning(world);
  await world.clock.sleep(5_000);
  full = undefined;
  assert.equal(
    (await running).message,
    "The agent exited with code 3; its last output:\none\ntwo",
  );
  const output = world.files.texts()[`${RUN_FOLDER}/output.log`] ?? "";
  assert.deepEqual(output.trimEnd().split("\n").map((line) => line.split(" ")[2]), ["one", "two"]);
  const shown = logged.filter(({ fields }) => fields["stream"] === "out");
  assert.deepEqual(shown.map(({ message }) => message), ["one", "two"]);
});
