/** The stream that notifies an open page of changes. */

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
  /** Returns the next event; `undefined` at the end. */
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

/** Lets the stream reach its sleep, then advances the clock. */
async function pass({ clock }: Pick<TestPages, "clock">, ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  clock.advance(ms);
}

Deno.test("a page gets one event for several changes of the tables that it shows, and none for other tables", async () => {
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

// A user left a window open on a shared machine and signs out on another one.
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

// A script in a user's browser keeps opening streams.
Deno.test("without a session there is no stream, and a session has at most sixteen", async () => {
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

// A probe or a script sends HEAD. Its response body is never read, so a stream would never end.
Deno.test("a HEAD request opens no stream", async () => {
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

// A window was left open, and the network cuts each of its streams after a while.
Deno.test("a stream that reconnects does not reset the idle timeout of the session", async () => {
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

// A page stays open while the database is down, and requests a new stream each time one breaks.
Deno.test("a stream that a database error ended does not count towards the session's sixteen", async () => {
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
