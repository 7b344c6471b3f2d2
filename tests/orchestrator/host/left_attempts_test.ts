/** Which attempts of a former process are handed back, and what the journal keeps afterwards. */

import assert from "node:assert/strict";
import type { HandBack } from "../../../lib/temporal/hand_back.ts";
import { handBackAttempts } from "../../../orchestrator/host/left_attempts.ts";
import type { JournalRecord } from "../../../orchestrator/run/journal.ts";
import {
  MACHINE_STARTED_AT,
  makeWorld,
  newAttempt,
  orderOf,
  run,
  RUN_FOLDER,
  RUN_ID,
  TOKEN,
  untilRunning,
} from "../world.ts";

const LEFT: JournalRecord = {
  order: orderOf(["exit-0"]),
  phases: [{ phase: "accepted", at: "2026-01-01T00:00:00.000Z" }],
  attempt: { task_token: TOKEN, machine_started_at: MACHINE_STARTED_AT },
  start_requested_at: "2026-01-01T00:00:01.000Z",
};

/** Hands back with a Temporal that answers so, and returns the tokens it got, the journal and the log. */
async function handedBack(record: JournalRecord, answer: HandBack | Error = "handed back") {
  const world = makeWorld();
  await world.files.makeDir(RUN_FOLDER);
  await world.files.writeText(`${RUN_FOLDER}/run.json`, JSON.stringify(record));
  const { needs, logged } = world.process();
  const tokens: string[] = [];
  await handBackAttempts([RUN_ID], {
    run: needs,
    handBack: (token) => {
      tokens.push(token);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  const journal: JournalRecord = JSON.parse(world.files.texts()[`${RUN_FOLDER}/run.json`] ?? "");
  return { tokens, journal, logged };
}

const { attempt: _, ...WITHOUT_ATTEMPT } = LEFT;
const OUTCOME = {
  status: "succeeded",
  exit_code: 0,
  phases: LEFT.phases,
  ended_at: "2026-01-01T00:00:05.000Z",
} as const;

Deno.test("an attempt that is handed back leaves the journal, and the log does not show its token", async () => {
  const { tokens, journal, logged } = await handedBack(LEFT);
  assert.deepEqual([tokens, journal], [[TOKEN], WITHOUT_ATTEMPT]);
  assert.deepEqual(logged, [{
    level: "info",
    message: "handed back a former attempt",
    fields: { run_id: RUN_ID },
  }]);
});

Deno.test("the attempt of a run that had ended is handed back too", async () => {
  const { tokens, journal } = await handedBack({ ...LEFT, outcome: OUTCOME });
  assert.deepEqual([tokens, journal], [[TOKEN], { ...WITHOUT_ATTEMPT, outcome: OUTCOME }]);
});

Deno.test("a token that Temporal does not know leaves the journal without a word", async () => {
  const { tokens, journal, logged } = await handedBack(LEFT, "gone");
  assert.deepEqual([tokens, journal, logged], [[TOKEN], WITHOUT_ATTEMPT, []]);
});

Deno.test("an attempt whose cancel is requested stays as it is", async () => {
  const { tokens, journal, logged } = await handedBack(LEFT, "left");
  assert.deepEqual([tokens, journal, logged], [[TOKEN], LEFT, []]);
});

Deno.test("a Temporal that refuses the heartbeat is a warning without the token", async () => {
  const { journal, logged } = await handedBack(LEFT, new Error("temporal is down"));
  assert.deepEqual([journal, logged], [LEFT, [{
    level: "warn",
    message: "could not hand back a former attempt, it times out instead",
    fields: { run_id: RUN_ID, error: "temporal is down" },
  }]]);
});

const order = orderOf(["exit-0"]);
const UNUSED: Readonly<Record<string, JournalRecord>> = {
  "a run that is released": { ...LEFT, released_at: "2026-01-01T00:00:09.000Z" },
  "a run whose journal has no token": WITHOUT_ATTEMPT,
  "a run of another host id": { ...LEFT, order: { ...order, host_id: "host-2" } },
  "a run of another installation": {
    ...LEFT,
    order: { ...order, installation_id: "22222222-2222-4222-8222-222222222222" },
  },
  "a run of a clone of this machine": {
    ...LEFT,
    attempt: { task_token: TOKEN, machine_started_at: "2025-12-31T07:59:50.000Z" },
  },
};

for (const [name, record] of Object.entries(UNUSED)) {
  Deno.test(`nothing is handed back of ${name}`, async () => {
    const { tokens, journal, logged } = await handedBack(record);
    assert.deepEqual([tokens, journal, logged], [[], record, []]);
  });
}

Deno.test("the journal has the token of the attempt that holds the run, and of the next one later", async () => {
  const world = makeWorld();
  const attemptIn = (): JournalRecord["attempt"] =>
    JSON.parse(world.files.texts()[`${RUN_FOLDER}/run.json`] ?? "").attempt;
  const order = orderOf(["runs-60", "exit-0"]);
  const first = newAttempt();
  const running = run(world.process().needs, order, first).catch(() => {});
  await untilRunning(world);
  assert.deepEqual(attemptIn(), LEFT.attempt);
  first.detach.abort();
  await running;
  await run(world.process().needs, order, { ...newAttempt(), token: "bmV4dA==" });
  assert.deepEqual(attemptIn(), { ...LEFT.attempt, task_token: "bmV4dA==" });
});
