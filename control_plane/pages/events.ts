/** Notifies open pages of changes with server-sent events, one event per change. */

import { anySignal } from "../../lib/async/abort.ts";
import type { Clock } from "../../lib/ports.ts";
import { tooManyStreams } from "../../lib/problems/pages.ts";
import { type Changes, WATCHED_TABLES, type WatchedTable } from "../store/changes.ts";
import type { SessionStore } from "../store/people/sessions.ts";

export interface EventNeeds {
  readonly store: { readonly changes: Changes; readonly sessions: Pick<SessionStore, "isOpen"> };
  readonly clock: Clock;
}

/** Returns the event stream of one open page, until the page or its session is closed. */
export type OpenEvents = (
  sessionId: string,
  tables: readonly WatchedTable[],
) => Response;

/** Changes within this interval are sent as one event, because hosts report all the time. */
const GATHERED_MS = 500;
/** Sends a comment at this interval to keep proxies from closing the stream, and checks the session. */
const IDLE_MS = 15_000;
const MOST_STREAMS = 16;

/** @throws `too_many_streams` from each call beyond the limit. */
export function openEvents(needs: EventNeeds): OpenEvents {
  const streams = new Map<string, number>();
  const count = (sessionId: string, by: number) => {
    const open = (streams.get(sessionId) ?? 0) + by;
    if (open === 0) streams.delete(sessionId);
    else streams.set(sessionId, open);
  };
  return (sessionId, tables) => {
    if ((streams.get(sessionId) ?? 0) >= MOST_STREAMS) throw tooManyStreams(MOST_STREAMS);
    count(sessionId, 1);
    const onEnd = () => count(sessionId, -1);
    return new Response(changeStream(needs, { sessionId, tables, onEnd }), {
      headers: { "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" },
    });
  };
}

/** Returns the known tables named in a query. */
export function watchedTables(names: string): readonly WatchedTable[] {
  const asked = new Set(names.split(" "));
  return WATCHED_TABLES.filter((table) => asked.has(table));
}

interface StreamOptions {
  readonly sessionId: string;
  readonly tables: readonly WatchedTable[];
  readonly onEnd: () => void;
}

/** Streams events while the client reads; the subscription ends with the stream. */
function changeStream(
  { store, clock }: EventNeeds,
  { sessionId, tables, onEnd }: StreamOptions,
): ReadableStream<Uint8Array> {
  const over = new AbortController();
  const due = new Set<WatchedTable>();
  let news = new AbortController();
  let isGreeted = false;
  const unsubscribe = store.changes.subscribe(tables, (table) => {
    due.add(table);
    news.abort();
  });
  const end = () => {
    if (over.signal.aborted) return;
    over.abort();
    unsubscribe();
    onEnd();
  };

  async function next(): Promise<string | undefined> {
    if (!isGreeted) {
      isGreeted = true;
      return "retry: 2000\n\n";
    }
    if (due.size === 0) {
      using woken = anySignal(news.signal, over.signal);
      await clock.sleep(IDLE_MS, woken.signal).catch(() => {});
    }
    if (due.size > 0) await clock.sleep(GATHERED_MS, over.signal).catch(() => {});
    if (over.signal.aborted || !await store.sessions.isOpen(sessionId)) return undefined;
    const changed = [...due].join(" ");
    due.clear();
    news = new AbortController();
    return changed === "" ? ": still here\n\n" : `event: change\ndata: ${changed}\n\n`;
  }

  return new ReadableStream({
    async pull(controller) {
      // A stream that errors is not canceled, so the subscription must be ended here.
      const text = await next().catch((thrown) => {
        end();
        throw thrown;
      });
      if (over.signal.aborted) return;
      if (text !== undefined) return controller.enqueue(new TextEncoder().encode(text));
      end();
      controller.close();
    },
    cancel: end,
  }, { highWaterMark: 0 });
}
