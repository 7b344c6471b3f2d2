import assert from "node:assert/strict";
import type { HeartbeatBody } from "../../lib/contract/host.ts";
import { isHealthy, keepHealthFile } from "../../orchestrator/health.ts";
import { keepBeating, watchingSkew } from "../../orchestrator/heartbeat.ts";
import { memoryFiles } from "../fakes/memory_files.ts";
import { virtualClock } from "../fakes/virtual_clock.ts";

const body = (): HeartbeatBody => ({
  installation_id: "11111111-1111-4111-8111-111111111111",
  version: "0.1.0",
  active_runs: [],
});

Deno.test("the heart beats every 10 s, and tells of trouble once until it is over", async () => {
  const clock = virtualClock();
  const [beats, told]: [number[], string[]] = [[], []];
  const stop = new AbortController();
  const bigeye = {
    heartbeat: () => {
      beats.push(clock.monotonic());
      if (beats.length === 6) stop.abort();
      return [2, 3].includes(beats.length) ? Promise.reject(new Error("away")) : Promise.resolve();
    },
  };
  const log = (_: string, message: string) => void told.push(message);
  await keepBeating({ bigeye, clock, log }, { hostId: "host-1", body, signal: stop.signal });
  assert.deepEqual(beats, [0, 10_000, 20_000, 30_000, 40_000, 50_000]);
  assert.deepEqual(told, ["heartbeat accepted", "heartbeat not accepted", "heartbeat accepted"]);
});

Deno.test("clocks that are more than a minute apart are told of once", async () => {
  const told: unknown[] = [];
  const clock = { now: () => new Date("2026-01-01T00:10:00Z") };
  const dates = ["Thu, 01 Jan 2026 00:09:30 GMT", "Thu, 01 Jan 2026 00:00:00 GMT", "", undefined];
  const answers = [...dates, dates[1]];
  const ask = watchingSkew(() => {
    const date = answers.shift();
    return Promise.resolve(new Response("", { headers: date ? { date } : {} }));
  }, { clock, log: (level, _, fields) => void told.push([level, fields]) });
  for (let call = 0; call < 2; call++) await ask(new Request("http://bigeye.test"));
  await ask(new Request("http://bigeye.test"));
  assert.deepEqual(told, [["warn", { seconds: 600 }]]);
});

Deno.test("a service is healthy while it works and says so", async () => {
  const clock = virtualClock();
  const files = memoryFiles({ "/tmp/other": "" });
  const stop = new AbortController();
  let state: "starting" | "working" = "starting";
  const kept = keepHealthFile("/tmp/h", { files, clock, state: () => state, signal: stop.signal });
  await clock.sleep(500);
  assert.equal(await isHealthy("/tmp/h", { files, clock }), false);
  state = "working";
  await clock.sleep(2_000);
  assert.equal(await isHealthy("/tmp/h", { files, clock }), true);
  const later = { now: () => new Date(clock.now().getTime() + 46_000) };
  assert.equal(await isHealthy("/tmp/h", { files, clock: later }), false);
  stop.abort();
  await kept;
  assert.equal(await isHealthy("/tmp/h", { files, clock }), false);
});
