/** How the control plane reads the reports of hosts. */

import assert from "node:assert/strict";
import { MACHINE } from "../../../control_plane/store/mod.ts";
import { readOutcome, readPhases } from "../../../control_plane/runs/reports.ts";
import type { RunOutcome } from "../../../lib/contract/run.ts";
import { importKey } from "../../../lib/crypto/keys.ts";
import type { LogLevel } from "../../../lib/ports.ts";
import { signOutcome } from "../../../lib/crypto/signed_outcome.ts";
import { testStore } from "../../harness/databases/test_store.ts";
import { manualClock } from "../../fakes/system/clock.ts";
import { COMPANY, STRANGER } from "../../fakes/keys/key_pairs.ts";
import { storedJob } from "../../fakes/control_plane/stored_job.ts";

const RUN_ID = "7b4dd1c8-0d3e-4d25-8a37-0a63ffc7a3c1";
const ENDED = "2026-01-01T00:00:05.000Z";
const ACCEPTED = { phase: "accepted", at: "2026-01-01T00:00:01.000Z" } as const;
const SUCCEEDED: RunOutcome = {
  status: "succeeded",
  exit_code: 0,
  phases: [ACCEPTED],
  ended_at: ENDED,
};

const key = await importKey(COMPANY.privatePem, "sign");

const signed = async (outcome: RunOutcome, change: { run_id?: string; host_id?: string } = {}) => ({
  signed: await signOutcome({ run_id: RUN_ID, host_id: "host-1", outcome, ...change }, key),
});

/** Reads a report for the run. Returns the outcome and the log. */
async function read(
  reported: unknown,
  publicPem = () => Promise.resolve<string | undefined>(COMPANY.publicPem),
) {
  const logged: [LogLevel, string, unknown][] = [];
  const outcome = await readOutcome(reported, {
    run: { id: RUN_ID, hostId: "host-1" },
    companyPublicPem: publicPem,
    clock: manualClock(),
    log: (level, message, fields) => void logged.push([level, message, fields]),
  });
  return { outcome, logged };
}

/** The outcome and the warning when a report is refused. */
function refused(why: string, hint: string) {
  const error = `Cannot accept the report of how the run ended: ${why}`;
  const run = { run_id: RUN_ID, host_id: "host-1" };
  return {
    outcome: {
      status: "failed",
      reason: "policy_denied",
      message: `${error}. ${hint}`,
      phases: [],
      ended_at: "2026-01-01T00:00:00.000Z",
    },
    logged: [["warn", "outcome refused", { ...run, reason: "policy_denied", error }]],
  };
}
const UNSIGNED = refused(
  "its host's report does not carry the company's signature",
  'Compare agent_config/public.pem on the host with the key that "GET /api/v1/agent/public-key" ' +
    "answers, and bring host and control plane to the same version",
);

Deno.test("a valid signed outcome is read unchanged", async () => {
  const failed: RunOutcome = {
    status: "failed",
    reason: "exit_nonzero",
    message: "Agent ended with exit code 3",
    exit_code: 3,
    phases: [ACCEPTED],
    ended_at: ENDED,
  };
  for (const outcome of [SUCCEEDED, failed]) {
    assert.deepEqual(await read(await signed(outcome)), { outcome, logged: [] });
  }
});

// Attacker: a compromised host that reports megabytes of text as a message, to fill the store.
Deno.test("a message that is longer than the limit is cut", async () => {
  const message = "é".repeat(1_000_000);
  const { outcome } = await read(
    await signed({ status: "failed", reason: "internal", message, phases: [], ended_at: ENDED }),
  );
  const recorded = outcome.message ?? "";
  assert.deepEqual(
    [new TextEncoder().encode(recorded).length <= 4096, recorded.startsWith("éé")],
    [true, true],
  );
  const unreadable = JSON.parse(JSON.stringify({ ...SUCCEEDED, status: message }));
  const { outcome: broken } = await read(await signed(unreadable));
  assert.deepEqual(
    [broken.reason, new TextEncoder().encode(broken.message).length <= 4096],
    ["internal", true],
  );
});

// Attacker: a compromised host that reports an invalid outcome, so that it can never be recorded and the job stays
// blocked.
Deno.test("an invalid outcome ends the run as failed, and the message names the invalid field", async () => {
  const gone: RunOutcome = JSON.parse(JSON.stringify({ ...SUCCEEDED, status: "gone" }));
  assert.deepEqual((await read(await signed(gone))).outcome, {
    status: "failed",
    reason: "internal",
    message: "The host reported an outcome that cannot be read (status: Invalid type: Expected " +
      '("succeeded" | "failed" | "timed_out" | "canceled") but received "gone"). Look at the ' +
      "run's folder on the host, and bring host and control plane to the same version",
    phases: [],
    ended_at: "2026-01-01T00:00:00.000Z",
  });
});

// Attacker: a compromised host that reports numbers and texts which a column cannot store. SQLite is less strict
// than Postgres here.
Deno.test("a run with any numbers and texts in its outcome is recorded, and its job can run again", async () => {
  const clock = manualClock();
  await using store = await testStore(clock);
  const job = await storedJob(store);
  const texts = ["a\0b", "half \ud800 a pair", "\u001b[31mred"];
  const outcomes: Partial<Record<keyof RunOutcome, unknown>>[] = [
    ...[2_147_483_648, -2_147_483_649, 1.5, 1e300].map((exit_code) => ({ exit_code })),
    ...[2_147_483_647, -2_147_483_648].map((exit_code) => ({ exit_code })),
    ...texts.flatMap((text) => [
      { message: text },
      { status: text },
      {
        connections: [{ connector: text, name: text, status: "failed", errors: [text], log: text }],
      },
    ]),
  ];
  const ends = [];
  for (const hostile of outcomes) {
    const { run } = await store.runs.trigger(job.id, { source: "manual" }, MACHINE);
    const { outcome } = await read(await signed({ ...SUCCEEDED, ...hostile } as RunOutcome));
    await store.outbox.recordOutcome(run.id, outcome);
    const { reason, exit_code } = await store.runs.get(run.id);
    ends.push(reason ?? exit_code);
  }
  assert.deepEqual(ends, [
    ...Array(4).fill("internal"),
    ...[2_147_483_647, -2_147_483_648],
    ...texts.flatMap(() => [0, "internal", 0]),
  ]);
});

// Attacker: can write to Temporal's store, and knows every public key. Reports a success in the form from before
// signatures, as inferred by the workflow, or next to a signed one.
Deno.test("a success that no host has signed is refused", async () => {
  const both = { ...await signed(SUCCEEDED), unheard: SUCCEEDED };
  for (
    const forged of [
      SUCCEEDED,
      { outcome: SUCCEEDED },
      { unheard: SUCCEEDED },
      { unheard: { ...SUCCEEDED, reason: "internal", message: "" } },
      { signed: SUCCEEDED },
      both,
      {},
      null,
    ]
  ) {
    assert.deepEqual(await read(forged), UNSIGNED);
  }
});

// Attacker: as above, and reports an exit code, a run limit or a lack of memory, which only hosts can know.
Deno.test("outcomes that the workflow infers are accepted only if it can know them", async () => {
  const common = { message: "It is said", phases: [ACCEPTED], ended_at: ENDED } as const;
  const known = [
    { ...common, status: "failed", reason: "policy_denied" },
    { ...common, status: "failed", reason: "host_lost" },
    { ...common, status: "failed", reason: "internal" },
    { ...common, status: "timed_out", reason: "host_unavailable" },
    { ...common, status: "canceled", reason: "canceled_by_user" },
  ];
  for (const unheard of known) {
    assert.deepEqual(await read({ unheard }), { outcome: unheard, logged: [] });
  }
  const unknowable = [
    { ...common, status: "failed", reason: "exit_nonzero" },
    { ...common, status: "failed", reason: "oom_killed" },
    { ...common, status: "failed", reason: "host_lost", exit_code: 0 },
    { ...common, status: "failed", reason: "host_lost", connections: [] },
    { ...common, status: "timed_out", reason: "run_limit" },
  ];
  for (const unheard of unknowable) assert.deepEqual(await read({ unheard }), UNSIGNED);
});

// Attacker: as above, with another key pair.
Deno.test("an outcome that is signed with another key than the company's is refused", async () => {
  const forger = await importKey(STRANGER.privatePem, "sign");
  const forged = await signOutcome(
    { run_id: RUN_ID, host_id: "host-1", outcome: SUCCEEDED },
    forger,
  );
  assert.deepEqual(await read({ signed: forged }), UNSIGNED);
});

// Attacker: as above, before any host has registered the company's key.
Deno.test("every outcome is refused while the account has no company key", async () => {
  assert.deepEqual(await read(await signed(SUCCEEDED), () => Promise.resolve(undefined)), UNSIGNED);
});

// Attacker: as above, and replays the report of a successful run for a failed one.
Deno.test("a signed outcome of another run or host is refused", async () => {
  const other = "11111111-1111-4111-8111-111111111111";
  assert.deepEqual(
    await read(await signed(SUCCEEDED, { run_id: other })),
    refused(
      `the report is of run "${other}", and this is run "${RUN_ID}"`,
      `Open agent_runs/${RUN_ID} on the host and read there how the run ended`,
    ),
  );
  assert.deepEqual(
    await read(await signed(SUCCEEDED, { host_id: "host-2" })),
    refused(
      'the report is of host "host-2", and the run was for host "host-1"',
      'Open agent_runs/ on host "host-1" and read there how the run ended',
    ),
  );
});

Deno.test("valid phases in a report are read, and invalid ones are ignored", () => {
  assert.deepEqual(readPhases([ACCEPTED, { phase: "flying", at: ENDED }, "running"]), [ACCEPTED]);
  assert.deepEqual(readPhases("accepted"), []);
});

// Attacker: a compromised host that reports invalid times, with which the page of runs would break.
Deno.test("an outcome with an invalid time ends the run as failed, and a phase with one is ignored", async () => {
  for (const time of ["soon", "2026-13-01T00:00:00.000Z", "2026-02-31T00:00:00.000Z"]) {
    for (const stamps of [{ ended_at: time }, { started_at: time }]) {
      const { outcome } = await read(await signed({ ...SUCCEEDED, ...stamps }));
      assert.deepEqual(
        [outcome.status, outcome.reason, outcome.started_at, outcome.ended_at],
        ["failed", "internal", undefined, "2026-01-01T00:00:00.000Z"],
      );
    }
    assert.deepEqual(readPhases([{ phase: "running", at: time }, ACCEPTED]), [ACCEPTED]);
  }
});
