/** The removal of expired rows: when it runs, how many rows it removes at once, and failures. */

import assert from "node:assert/strict";
import { removeExpired } from "../../../control_plane/runs/retention.ts";
import { virtualClock } from "../../fakes/system/virtual_clock.ts";

const DAY_MS = 86_400_000;
const START = Date.parse("2026-01-01T00:00:00.000Z");

interface World {
  /** The numbers of expired rows at the start. */
  readonly runs?: number;
  readonly skips?: number;
  readonly audit?: number;
  /** How many of the first calls fail. */
  readonly outages?: number;
  /** The days that the clock is ahead, and the seconds from which and until which it is. */
  readonly ahead?: { readonly days: number; readonly from: number; readonly until?: number };
  /** The times of existing records, in days from the start. */
  readonly record?: readonly number[];
  /** The number of calls after which the control plane is stopped. */
  readonly calls: number;
}

/** Runs the removal with a store with so many expired rows. Returns its calls with their seconds from the start. */
async function removals(
  { runs = 0, skips = 0, audit = 0, outages = 0, ahead, record = [], calls }: World,
) {
  const real = virtualClock();
  const clock = {
    ...real,
    now() {
      const at = real.monotonic() / 1000;
      const isAhead = ahead && at >= ahead.from && at < (ahead.until ?? Infinity);
      const days = isAhead ? ahead.days : 0;
      return new Date(real.now().getTime() + days * DAY_MS);
    },
  };
  const stop = new AbortController();
  const left = { runs, skips, audit };
  const known = record.map((days) => new Date(START + days * DAY_MS));
  const asked: string[] = [];
  const lines: unknown[] = [];
  const second = (time: Date) => (time.getTime() - START) / 1000;
  function removal(table: keyof typeof left) {
    return (before: Date, limit: number): Promise<number> => {
      const days = (clock.now().getTime() - before.getTime()) / DAY_MS;
      asked.push(
        `${second(clock.now())} s: ${limit} of ${table} from ${Math.round(days)} days ago`,
      );
      if (asked.length === calls) stop.abort();
      if (asked.length <= outages) return Promise.reject(new Error("database is locked"));
      const count = Math.min(limit, left[table]);
      left[table] -= count;
      return Promise.resolve(count);
    };
  }
  await removeExpired({
    retention: {
      newestBefore: (point) => Promise.resolve(known.findLast((at) => at < point)),
      removeRuns: removal("runs"),
      removeSkips: removal("skips"),
      removeAudit: removal("audit"),
    },
    keep: { runsDays: 90, auditDays: 400 },
    clock,
    log: (...line) => void lines.push(line),
  }, stop.signal);
  return { asked, lines, left };
}

const HELD =
  "keeping expired rows: the clock is more than a week ahead of the newest record; removal starts " +
  "after a day without a clock change";

Deno.test("expired rows are removed a minute after the start and then every hour, in small batches", async () => {
  const { asked, lines, left } = await removals({ runs: 250, skips: 7, audit: 100, calls: 7 });
  assert.deepEqual(asked, [
    "60 s: 100 of runs from 90 days ago",
    "60.1 s: 100 of runs from 90 days ago",
    "60.2 s: 100 of runs from 90 days ago",
    "60.2 s: 100 of skips from 90 days ago",
    "60.2 s: 100 of audit from 400 days ago",
    "60.3 s: 100 of audit from 400 days ago",
    "3660.3 s: 100 of runs from 90 days ago",
  ]);
  assert.deepEqual(lines, [["info", "removed expired rows", {
    runs: 250,
    skips: 7,
    audit_entries: 100,
  }]]);
  assert.deepEqual(left, { runs: 0, skips: 0, audit: 0 });
});

Deno.test("a failed removal is logged and retried in an hour", async () => {
  const { asked, lines } = await removals({ outages: 1, calls: 4 });
  assert.deepEqual(asked, [
    "60 s: 100 of runs from 90 days ago",
    "3660 s: 100 of runs from 90 days ago",
    "3660 s: 100 of skips from 90 days ago",
    "3660 s: 100 of audit from 400 days ago",
  ]);
  assert.deepEqual(lines, [[
    "warn",
    "could not remove expired rows, retrying in an hour",
    { error: "database is locked" },
  ]]);
});

/** Returns the hours of the calls for runs, by the machine's clock from the start. */
const hours = (asked: readonly string[]): readonly number[] =>
  asked.filter((call) => call.includes("of runs")).map((call) =>
    Math.floor(parseFloat(call) / 3600)
  );

Deno.test("nothing is removed while the clock is set ahead, and the removal goes on when it is corrected", async () => {
  const { asked, lines } = await removals({
    record: [-2],
    ahead: { days: 1_000, from: 4_000, until: 12_000 },
    calls: 7,
  });
  assert.deepEqual(hours(asked), [0, 1, 4]);
  assert.deepEqual(lines, [["warn", HELD, {
    time: "2028-09-27T02:01:00.000Z",
    newest: "2025-12-30T00:00:00.000Z",
  }]]);
});

Deno.test("nothing is removed while the clock is years ahead at the start, even if an hour-old record has its time", async () => {
  const { asked, lines } = await removals({
    record: [-2, 1_000 - 1 / 24],
    ahead: { days: 1_000, from: 0, until: 7_000 },
    calls: 1,
  });
  assert.deepEqual(hours(asked), [2]);
  assert.deepEqual(lines, [["warn", HELD, {
    time: "2028-09-27T00:01:00.000Z",
    newest: "2025-12-30T00:00:00.000Z",
  }]]);
});

Deno.test("a control plane that was off for months removes expired rows after it has run for a day", async () => {
  const { asked, lines } = await removals({ record: [-120], calls: 4 });
  assert.deepEqual(hours(asked), [24, 25]);
  assert.deepEqual(lines, [["warn", HELD, {
    time: "2026-01-01T00:01:00.000Z",
    newest: "2025-09-03T00:00:00.000Z",
  }]]);
});

Deno.test("a stop ends the removal between two batches without a log line", async () => {
  const { asked, lines, left } = await removals({ runs: 1000, calls: 2 });
  assert.deepEqual([asked.length, lines, left.runs], [2, [], 800]);
});
