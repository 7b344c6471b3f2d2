/** Drains an HTTP handler on shutdown: rejects new requests and answers those in progress. */

import type { Clock, HttpHandler } from "../../lib/ports.ts";
import { planeStopping } from "../../lib/problems/plane.ts";
import { isForPrograms, problemAnswer } from "./answers.ts";

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
      if (stopping) return stoppingAnswer(request);
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

/** Browsers get plain text, programs the documented error body. */
function stoppingAnswer(request: Request): Response {
  const problem = planeStopping();
  const ending = { connection: "close" };
  const isBrowser = request.headers.get("accept")?.includes("text/html");
  if (!isBrowser || isForPrograms(request)) return problemAnswer(problem, ending);
  const { message, hint, status } = problem;
  return new Response(`${message}. ${hint}.\n`, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      ...ending,
    },
  });
}
