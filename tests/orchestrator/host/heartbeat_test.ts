import assert from "node:assert/strict";
import type { HeartbeatBody } from "../../../lib/contract/host.ts";
import type { Log } from "../../../lib/ports.ts";
import type { Problem } from "../../../lib/problems/problem.ts";
import { bigeyeRefused } from "../../../lib/problems/bigeye.ts";
import { hostTakenOver } from "../../../lib/problems/host.ts";
import { isHealthy, keepHealthFile } from "../../../orchestrator/host/health.ts";
import { createHeartbeatLoop, watchingSkew } from "../../../orchestrator/host/heartbeat.ts";
import { memoryFiles } from "../../fakes/memory_files.ts";
import { virtualClock } from "../../fakes/virtual_clock.ts";

const body = (): Promise<HeartbeatBody> =>
  Promise.resolve({
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
  await createHeartbeatLoop({ bigeye, clock, log }, { hostId: "host-1", body }).run(stop.signal);
  assert.deepEqual(beats, [0, 10_000, 20_000, 30_000, 40_000, 50_000, 50_000]);
  assert.deepEqual(told, ["heartbeat accepted", "heartbeat not accepted", "heartbeat accepted"]);
});

Deno.test("the last heartbeat says that the host drains, and waits 5 s at most", async () => {
  const clock = virtualClock();
  const said: (boolean | undefined)[] = [];
  const bigeye = {
    heartbeat: (_: string, { draining }: HeartbeatBody, signal = new AbortController().signal) => {
      said.push(draining);
      return draining ? clock.sleep(30_000, signal) : Promise.resolve();
    },
  };
  const stop = new AbortController();
  const heart = createHeartbeatLoop({ bigeye, clock, log: () => {} }, { hostId: "host-1", body });
  const beating = heart.run(stop.signal);
  await clock.sleep(1_000);
  stop.abort();
  await beating;
  assert.deepEqual([said, clock.monotonic()], [[undefined, true], 6_000]);
});

/** A Bigeye that gives each heartbeat the next of its answers; "late" is none at all. */
function heartWith(answers: (Problem | "ok" | "late")[]) {
  const clock = virtualClock();
  const told: unknown[] = [];
  const heartbeat = (_: string, __: HeartbeatBody, signal = new AbortController().signal) => {
    const answer = answers.shift() ?? "ok";
    if (answer === "late") return clock.sleep(30_000, signal);
    return answer === "ok" ? Promise.resolve() : Promise.reject(answer);
  };
  const log: Log = (level, message, fields) => void told.push({ level, message, fields });
  const heart = createHeartbeatLoop({ bigeye: { heartbeat }, clock, log }, {
    hostId: "host-1",
    body,
  });
  return { heart, clock, told };
}

const refused = (code: string, answer: string) =>
  bigeyeRefused("send a heartbeat", {
    status: 404,
    answer: `${code}: ${answer}`,
    details: [{ path: "host_id", message: "is unknown" }],
  });
const TAKEN_OVER = {
  level: "error",
  message: "heartbeat not accepted",
  fields: {
    error: 'Cannot serve host "host-1" any longer: another machine has taken it over',
    code: "host_taken_over",
    details: [],
  },
};

Deno.test("a heartbeat that is refused is told with Bigeye's own code and words", async () => {
  const { heart, clock, told } = heartWith([refused("host_not_found", "Cannot find it")]);
  const stop = new AbortController();
  const beating = heart.run(stop.signal);
  await clock.sleep(1_000);
  stop.abort();
  await beating;
  const fields = {
    error: "Cannot send a heartbeat: Bigeye answered 404",
    code: "bigeye_refused",
    details: ["host_not_found: Cannot find it", "host_id: is unknown"],
  };
  assert.deepEqual(told, [{ level: "warn", message: "heartbeat not accepted", fields }]);
});

Deno.test("the heart ends when another machine has the host, and a wake finds that out at once", async () => {
  const { heart, clock, told } = heartWith(["ok", hostTakenOver("host-1")]);
  const beating = heart.run(new AbortController().signal);
  const ended = assert.rejects(beating, { code: "host_taken_over", exit: "conflict" });
  await clock.sleep(1_000);
  heart.wake();
  await ended;
  assert.equal(clock.monotonic(), 1_000);
  const accepted = {
    level: "info",
    message: "heartbeat accepted",
    fields: { host_id: "host-1" },
  };
  assert.deepEqual(told, [accepted, TAKEN_OVER]);
});

Deno.test("before the first order only another owner counts, and an answer is waited for 5 s", async () => {
  const { signal } = new AbortController();
  const lost = heartWith([hostTakenOver("host-1")]);
  await assert.rejects(lost.heart.confirmOwner(signal), { code: "host_taken_over" });
  assert.deepEqual(lost.told, [TAKEN_OVER]);
  const { heart, clock, told } = heartWith(["ok", refused("internal", "x"), "late"]);
  const waited: number[] = [];
  for (let call = 0; call < 3; call++) {
    const since = clock.monotonic();
    await heart.confirmOwner(signal);
    waited.push(clock.monotonic() - since);
  }
  assert.deepEqual([waited, told], [[0, 0, 5_000], []]);
});

Deno.test("a stop before the first order is a stop", async () => {
  const { heart, clock } = heartWith(["late"]);
  const stop = new AbortController();
  const confirming = heart.confirmOwner(stop.signal);
  const reason = new Error("stopped by hand");
  const ended = assert.rejects(confirming, (error) => error === reason);
  await clock.sleep(1_000);
  stop.abort(reason);
  await ended;
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
