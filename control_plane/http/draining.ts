/** Drains an HTTP handler on shutdown: rejects new requests and answers those in progress. */

import type { Clock, HttpHandler } from "../../lib/ports.ts";
import { planeStopping } from "../../lib/problems/plane.ts";
import { bareAnswer } from "./answers.ts";

export interface Draining {
  readonly fetch: HttpHandler;
  /** Answers new requests with 503. Resolves when the earlier ones are answered, or after 5 s. */
  drain(): Promise<void>;
}

const DRAIN_LIMIT_MS = 5_000;
/** Gives the last responses time to reach the kernel before the listener closes. */
const FLUSH_MS = 50;

export function draining(handler: HttpHandler, clock: Clock): Draining {
  const open = new Set<Promise<Response>>();
  let stopping = false;
  return {
    async fetch(request, peer) {
      if (stopping) return bareAnswer(request, planeStopping(), { connection: "close" });
      const answer = handler(request, peer);
      open.add(answer);
      try {
        return await answer;
      } finally {
        open.delete(answer);
      }
    },
    async drain() {
      stopping = true;
      const enough = Promise.withResolvers<void>();
      const done = clock.after(DRAIN_LIMIT_MS, enough.resolve);
      await Promise.race([Promise.allSettled(open), enough.promise]);
      done();
      await clock.sleep(FLUSH_MS);
    },
  };
}
