/** Ends an HTTP handler in good manners: nothing new is begun, what has begun is answered. */

import type { Clock, HttpHandler } from "../../lib/ports.ts";
import { planeStopping } from "../../lib/problems/plane.ts";
import { isForPrograms, problemAnswer } from "./problem_answer.ts";

export interface Draining {
  readonly fetch: HttpHandler;
  /** From now on new requests get 503; resolves when the last one before is answered, or after 5 s. */
  drain(): Promise<void>;
}

const PATIENCE_MS = 5_000;
/** The last answers must reach the kernel before the listener is cut. */
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
      const done = clock.after(PATIENCE_MS, enough.resolve);
      await Promise.race([Promise.allSettled(open), enough.promise]);
      done();
      await clock.sleep(FLUSH_MS);
    },
  };
}

/** A reader of pages gets plain words, a program the documented error body. */
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
