/** How the control plane runs its own Temporal server, with fake programs. */

import assert from "node:assert/strict";
import { startTemporalServer } from "../../../control_plane/temporal/server.ts";
import type { Exec, ExecOptions } from "../../../lib/ports.ts";
import { memoryFiles } from "../../fakes/system/memory_files.ts";
import { virtualClock } from "../../fakes/system/virtual_clock.ts";

/** Starts a server whose processes live so many milliseconds, one after the other. The test ends the last one. */
function serverThat(lives: readonly number[]) {
  const clock = virtualClock();
  const [started, logged]: [number[], unknown[]] = [[], []];
  const argvs: (readonly string[])[] = [];
  const stop = new AbortController();
  const run = async (argv: readonly string[], { signal, onLine }: ExecOptions = {}) => {
    argvs.push(argv);
    const life = lives[started.push(clock.monotonic()) - 1];
    onLine?.("CLI 1.0");
    onLine?.('{"msg":"words"}');
    if (life === undefined) stop.abort(new Error("enough"));
    await clock.sleep(life ?? 1e9, signal);
    return { code: 1, stdout: "", stderr: "" };
  };
  const exec: Exec = { run, attach: () => Promise.reject(new Error("not to be attached")) };
  const starting = startTemporalServer({
    program: "temporal",
    namespace: "bigeye",
    databaseFile: "/data/temporal.sqlite",
    clock,
    log: (level, message, fields) => void logged.push([level, message, fields]),
    exec,
    files: memoryFiles({ "/data/temporal.sqlite": "" }),
    freePort: () => 4711,
    answers: () => Promise.resolve(),
  }, stop.signal);
  return { starting, started, logged, argvs };
}

Deno.test("a server that keeps failing is restarted with growing pauses, which start over after a minute of life", async () => {
  const { starting, started } = serverThat([10, 10, 10, 90_000, 10]);
  const { address, done } = await starting;
  await done;
  assert.equal(address, "127.0.0.1:4711");
  // After 10 ms of life each, the pauses are 0.5, 1 and 2 s. After 90 s of life they are 0.5 and 1 s.
  assert.deepEqual(started, [0, 510, 1_520, 3_530, 94_030, 95_040]);
});

Deno.test("the server listens on loopback only, and its output is logged", async () => {
  const { starting, argvs, logged } = serverThat([10]);
  await (await starting).done;
  assert.deepEqual(argvs[1], argvs[0]);
  assert.deepEqual(argvs[0], [
    ...[
      "temporal",
      "server",
      "start-dev",
      "--headless",
      "--log-level",
      "error",
      "--log-format",
      "json",
    ],
    ...["--ip", "127.0.0.1", "--port", "4711", "--db-filename", "/data/temporal.sqlite"],
    ...["--namespace", "bigeye"],
    ...["--dynamic-config-value", "history.transferProcessorMaxPollRPS=1000"],
    ...["--dynamic-config-value", "matching.numTaskqueueReadPartitions=1"],
    ...["--dynamic-config-value", "matching.numTaskqueueWritePartitions=1"],
  ]);
  // The lines after these are of the second process.
  assert.deepEqual(logged.slice(0, 3), [
    ["warn", "temporal server output", { line: '{"msg":"words"}' }],
    ["info", "temporal server started", { address: "127.0.0.1:4711" }],
    ["warn", "temporal server failed, restarting it", {
      error: 'Cannot keep the Temporal server running: "temporal" has ended',
      said: ["CLI 1.0", '{"msg":"words"}'],
    }],
  ]);
});
