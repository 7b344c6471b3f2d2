/** The stream that tells an open page of changes. */

import assert from "node:assert/strict";
import { openEvents } from "../../../control_plane/pages/events.ts";
import type { WatchedTable } from "../../../control_plane/store/changes.ts";
import { MACHINE } from "../../../control_plane/store/mod.ts";
import { manualClock } from "../../fakes/system/clock.ts";
import {
  type Browser,
  ORIGIN,
  type TestPages,
  testPages,
} from "../../fakes/control_plane/pages.ts";

interface Stream extends AsyncDisposable {
  /** The next piece; nothing at the end. */
  next(): Promise<string | undefined>;
}

async function opened(pages: TestPages, browser: Browser, tables: string): Promise<Stream> {
  const request = new Request(`${ORIGIN}/events?of=${encodeURIComponent(tables)}`, {
    headers: { cookie: browser.cookie },
  });
  const answer = await pages.fetch(request);
  assert.equal(answer.headers.get("content-type"), "text/event-stream; charset=utf-8");
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.ok(reader);
  return {
    async next() {
      const { value, done } = await reader.read();
      return done ? undefined : value;
    },
    [Symbol.asyncDispose]: () => reader.cancel(),
  };
}

/** Lets a reader that waits get as far as its sleep, then moves the clock on. */
async function pass({ clock }: Pick<TestPages, "clock">, ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  clock.advance(ms);
}

Deno.test("a page is told of the tables it shows, of several changes once, and of no others", async () => {
  await using pages = await testPages();
  await pages.addHost("h-1");
  const browser = await pages.signedIn("member");
  await using stream = await opened(pages, browser, "jobs runs nonsense");
  assert.equal(await stream.next(), "retry: 2000\n\n");

  await pages.addHost("h-2");
  const job = await pages.addJob();
  await pages.store.runs.trigger(job.id, { source: "manual" }, MACHINE);
  const told = stream.next();
  await pass(pages, 500);
  assert.equal(await told, "event: change\ndata: jobs runs\n\n");

  const quiet = stream.next();
  await pass(pages, 15_000);
  assert.equal(await quiet, ": still here\n\n");
});

// Somebody has left a window open on a machine that others use, and signs out elsewhere.
Deno.test("a stream ends with its session", async () => {
  await using pages = await testPages();
  const browser = await pages.signedIn("member");
  await using stream = await opened(pages, browser, "runs");
  await stream.next();
  await browser.post("/sign-out", {});
  const last = stream.next();
  await pass(pages, 15_000);
  assert.equal(await last, undefined);
});

// A script in a reader's browser opens streams without end.
Deno.test("a stranger gets no stream, and a session gets sixteen", async () => {
  await using pages = await testPages();
  const stranger = await pages.browser().get("/events?of=runs");
  assert.deepEqual([stranger.status, stranger.text], [401, ""]);
  const browser = await pages.signedIn("member");
  const streams = [];
  for (let n = 0; n < 16; n++) streams.push(await opened(pages, browser, "runs"));
  assert.equal((await browser.get("/events?of=runs")).status, 429);
  await streams[0]?.[Symbol.asyncDispose]();
  streams.push(await opened(pages, browser, "runs"));
  for (const stream of streams) await stream[Symbol.asyncDispose]();
});

// A probe, or a script, asks with HEAD: what would be sent is never read, and so would never end.
Deno.test("a stream is opened for who reads it only", async () => {
  await using pages = await testPages();
  const browser = await pages.signedIn("member");
  for (let n = 0; n < 17; n++) {
    const asked = new Request(`${ORIGIN}/events?of=runs`, {
      method: "HEAD",
      headers: { cookie: browser.cookie },
    });
    const { status, body } = await pages.fetch(asked);
    assert.deepEqual([status, body], [200, null]);
  }
  await using stream = await opened(pages, browser, "runs");
  assert.equal(await stream.next(), "retry: 2000\n\n");
});

// A window was left open, and the network breaks each of its streams off after a while.
Deno.test("a stream that comes back by itself does not keep the session from idling", async () => {
  await using pages = await testPages();
  const browser = await pages.signedIn("member");
  const statuses = [];
  for (let hours = 0; hours < 13; hours++) {
    pages.clock.advance(3_600_000);
    const asked = new Request(`${ORIGIN}/events?of=runs`, { headers: { cookie: browser.cookie } });
    const answer = await pages.fetch(asked);
    statuses.push(answer.status);
    assert.equal(answer.headers.get("set-cookie"), null);
    await answer.body?.cancel();
  }
  assert.deepEqual(statuses, [...Array(12).fill(200), 401]);
});

// A page stays open while the database is away, and asks for another stream each time that one breaks.
Deno.test("a stream that the database breaks off takes none of the session's sixteen", async () => {
  const clock = manualClock();
  const listeners = new Set<(table: WatchedTable) => void>();
  const changes = {
    subscribe(_: readonly WatchedTable[], listener: (table: WatchedTable) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const sessions = { isOpen: () => Promise.reject(new Error("no database")) };
  const events = openEvents({ store: { changes, sessions }, clock });
  for (let n = 0; n < 17; n++) {
    const reader = events("one", ["runs"]).body?.getReader();
    await reader?.read();
    for (const listener of listeners) listener("runs");
    const broken = assert.rejects(async () => await reader?.read(), /no database/);
    await pass({ clock }, 500);
    await broken;
    assert.equal(listeners.size, 0);
  }
});
