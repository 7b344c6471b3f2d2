/** The clock and the log of the process. */

import assert from "node:assert/strict";
import { jsonLog, systemClock } from "../../../lib/system/process.ts";

Deno.test("a sleep rejects with the reason of its signal, aborted before or during it", async () => {
  const stop = new AbortController();
  const sleeping = systemClock.sleep(600_000, stop.signal);
  const reason = new Error("woken");
  stop.abort(reason);
  await assert.rejects(sleeping, (thrown) => thrown === reason);
  await assert.rejects(systemClock.sleep(1, stop.signal), (thrown) => thrown === reason);
});

Deno.test("a log line is one JSON object; entries below the least level are dropped", () => {
  const lines: string[] = [];
  const log = jsonLog((line) => lines.push(line));
  log("debug", "unseen");
  log("warn", "engine away", { attempts: 2 });
  const parsed = lines.map((line) => JSON.parse(line));
  assert.deepEqual(
    parsed.map(({ time, ...rest }) => ({ ...rest, time: typeof time })),
    [{ level: "warn", message: "engine away", attempts: 2, time: "string" }],
  );
});
