/** When heartbeats are sent, what ends them, and what is logged. */

import assert from "node:assert/strict";
import type { HostBeat } from "../../../lib/bigeye/client.ts";
import type { Log } from "../../../lib/ports.ts";
import type { Problem } from "../../../lib/problems/problem.ts";
import { bigeyeLacks } from "../../../lib/problems/bigeye.ts";
import { hostTakenOver } from "../../../lib/problems/host.ts";
import { createHeartbeatLoop } from "../../../orchestrator/host/heartbeat.ts";
import { virtualClock } from "../../fakes/system/virtual_clock.ts";

const beat = ({ draining } = { draining: false }): Promise<HostBeat> =>
  Promise.resolve({
    installationId: "11111111-1111-4111-8111-111111111111",
    body: {
      hostId: "host-1",
      orchestratorVersion: "0.1.0",
      report: { activeRuns: [], ...(draining && { draining }) },
    },
  });

Deno.test("a heartbeat is sent every 10 s, and an outage is logged once", async () => {
  const clock = virtualClock();
  const [sent, logged]: [number[], string[]] = [[], []];
  const stop = new AbortController();
  const bigeye = {
    heartbeat: () => {
      sent.push(clock.monotonic());
      if (sent.length === 6) stop.abort();
      return [2, 3].includes(sent.length) ? Promise.reject(new Error("down")) : Promise.resolve();
    },
  };
  const log = (_: string, message: string) => void logged.push(message);
  await createHeartbeatLoop({ bigeye, clock, log }, { hostId: "host-1", beat }).run(stop.signal);
  assert.deepEqual(sent, [0, 10_000, 20_000, 30_000, 40_000, 50_000, 50_000]);
  assert.deepEqual(logged, ["heartbeat accepted", "heartbeat not accepted", "heartbeat accepted"]);
});

Deno.test("the last heartbeat says that the host is draining, and waits 5 s at most", async () => {
  const clock = virtualClock();
  const said: (boolean | undefined)[] = [];
  const bigeye = {
    heartbeat: ({ body }: HostBeat, signal = new AbortController().signal) => {
      const draining = body.report?.draining;
      said.push(draining);
      return draining ? clock.sleep(30_000, signal) : Promise.resolve();
    },
  };
  const stop = new AbortController();
  const loop = createHeartbeatLoop({ bigeye, clock, log: () => {} }, { hostId: "host-1", beat });
  const running = loop.run(stop.signal);
  await clock.sleep(1_000);
  stop.abort();
  await running;
  assert.deepEqual([said, clock.monotonic()], [[undefined, true], 6_000]);
});

/** A loop whose Bigeye gives each heartbeat the next answer. "late" means no answer. */
function loopWith(answers: (Problem | "ok" | "late")[]) {
  const clock = virtualClock();
  const logged: unknown[] = [];
  const heartbeat = (_: HostBeat, signal = new AbortController().signal) => {
    const answer = answers.shift() ?? "ok";
    if (answer === "late") return clock.sleep(30_000, signal);
    return answer === "ok" ? Promise.resolve() : Promise.reject(answer);
  };
  const log: Log = (level, message, fields) => void logged.push({ level, message, fields });
  const loop = createHeartbeatLoop({ bigeye: { heartbeat }, clock, log }, {
    hostId: "host-1",
    beat,
  });
  return { loop, clock, logged };
}

const refused = (code: string, answer: string) =>
  bigeyeLacks("send a heartbeat", [
    { message: `${code}: ${answer}` },
    { path: "hostId", message: "is unknown" },
  ]);
const TAKEN_OVER = {
  level: "error",
  message: "heartbeat not accepted",
  fields: {
    error: 'Cannot serve host "host-1" any longer: another machine has taken it over',
    code: "host_taken_over",
    details: [],
  },
};

Deno.test("a refused heartbeat is logged with Bigeye's code and message", async () => {
  const { loop, clock, logged } = loopWith([refused("host_not_found", "Cannot find it")]);
  const stop = new AbortController();
  const running = loop.run(stop.signal);
  await clock.sleep(1_000);
  stop.abort();
  await running;
  const fields = {
    error: "Cannot send a heartbeat: Bigeye did not find it",
    code: "bigeye_not_found",
    details: ["host_not_found: Cannot find it", "hostId: is unknown"],
  };
  assert.deepEqual(logged, [{ level: "warn", message: "heartbeat not accepted", fields }]);
});

Deno.test("the loop ends when another machine owns the host id, and a wake checks that at once", async () => {
  const { loop, clock, logged } = loopWith(["ok", hostTakenOver("host-1")]);
  const running = loop.run(new AbortController().signal);
  const ended = assert.rejects(running, { code: "host_taken_over", exit: "conflict" });
  await clock.sleep(1_000);
  loop.wake();
  await ended;
  assert.equal(clock.monotonic(), 1_000);
  const accepted = {
    level: "info",
    message: "heartbeat accepted",
    fields: { host_id: "host-1" },
  };
  assert.deepEqual(logged, [accepted, TAKEN_OVER]);
});

Deno.test("before the first order only another owner stops the host, and the check takes 5 s at most", async () => {
  const { signal } = new AbortController();
  const lost = loopWith([hostTakenOver("host-1")]);
  await assert.rejects(lost.loop.confirmOwner(signal), { code: "host_taken_over" });
  assert.deepEqual(lost.logged, [TAKEN_OVER]);
  const { loop, clock, logged } = loopWith(["ok", refused("internal", "x"), "late"]);
  const answers: [isOwner: boolean, waited: number][] = [];
  for (let call = 0; call < 3; call++) {
    const since = clock.monotonic();
    const isOwner = await loop.confirmOwner(signal);
    answers.push([isOwner, clock.monotonic() - since]);
  }
  assert.deepEqual(answers, [[true, 0], [false, 0], [false, 5_000]]);
  assert.deepEqual(logged, []);
});

Deno.test("a stop before the first order ends the check with the reason of the stop", async () => {
  const { loop, clock } = loopWith(["late"]);
  const stop = new AbortController();
  const confirming = loop.confirmOwner(stop.signal);
  const reason = new Error("stopped by hand");
  const ended = assert.rejects(confirming, (error) => error === reason);
  await clock.sleep(1_000);
  stop.abort(reason);
  await ended;
});
