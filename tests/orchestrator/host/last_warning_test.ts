/** The last warning, which heartbeats report. */

import assert from "node:assert/strict";
import * as v from "valibot";
import { HostReportSchema } from "../../../lib/contract/host.ts";
import { recordLastWarning } from "../../../orchestrator/host/last_warning.ts";
import { manualClock } from "../../fakes/system/clock.ts";

const asSent = (complaint: unknown) => v.is(HostReportSchema, { activeRuns: [], complaint });

Deno.test("the last warning or error is kept with its time, and the log gets every line", () => {
  const logged: unknown[] = [];
  const clock = manualClock();
  const { log, last } = recordLastWarning((...entry) => void logged.push(entry), clock);
  log("info", "started");
  assert.equal(last(), undefined);
  log("warn", "temporal is not reachable", { error: "refused" });
  clock.advance(1_000);
  log("error", "could not write the health file");
  log("info", "stopped");
  assert.deepEqual(last(), {
    at: "2026-01-01T00:00:01.000Z",
    message: "could not write the health file",
  });
  assert.deepEqual(logged, [
    ["info", "started", undefined],
    ["warn", "temporal is not reachable", { error: "refused" }],
    ["error", "could not write the health file", undefined],
    ["info", "stopped", undefined],
  ]);
});

Deno.test("a text of another program is shortened to one plain line that Bigeye accepts", () => {
  // Attacker: a registry that answers with control sequences, or with a text without end.
  const { log, last } = recordLastWarning(() => {}, manualClock());
  log("warn", "pull failed", { error: "\x1b[31mdenied\x1b[0m\n\tby\x00 the registry" });
  assert.equal(last()?.message, "pull failed: denied by the registry");
  log("error", `${"x".repeat(499)}😀`); // the cut splits the surrogate pair
  assert.equal(last()?.message, `${"x".repeat(499)}\ufffd`);
  assert.ok(asSent(last()));
  log("error", `${" ".repeat(600)}x ${"y".repeat(600)}`);
  assert.ok(asSent(last()));
});
