/** Pulls one image; a pull can fail inside an answer whose status was 200. */

import * as v from "valibot";
import { anySignal, orAbort } from "../async/abort.ts";
import { DeadlineExceeded, withDeadline } from "../async/timing.ts";
import { Problem } from "../problems/problem.ts";
import { engineUnavailable } from "../problems/docker.ts";
import { ProgressSchema, type PullProgress } from "./answers.ts";
import { chunksOf } from "./body.ts";
import { isTrouble } from "./errors.ts";
import type { EngineHttp } from "./http.ts";
import { pullProblem, pullQuery } from "./image.ts";

export interface PullOptions {
  readonly onProgress?: (progress: PullProgress) => void;
  readonly signal?: AbortSignal;
}

/** A pull that has reported nothing for so long is stuck. */
const IDLE_MS = 300_000;
/** Longest piece of progress that is held while its end is awaited. */
const LONGEST_LINE = 1 << 20;

/** Throws `image_auth`, `image_missing`, `rate_limited` or `disk_pressure`, or the engine's trouble. */
export async function pullImage(
  http: EngineHttp,
  reference: string,
  { onProgress, signal }: PullOptions = {},
): Promise<void> {
  const ended = new AbortController();
  using either = anySignal(signal, ended.signal);
  const own = either.signal;
  const doing = `pull image "${reference}"`;
  try {
    const call = { doing, query: pullQuery(reference), signal: own };
    const progress = progressOf(await http.open("POST /images/create", call), own);
    for (;;) {
      const next = await withDeadline(
        http.clock,
        { ms: IDLE_MS, signal: own },
        (limit) => orAbort(progress.next(), limit),
      );
      if (next.done) return;
      if (next.value.error !== undefined) throw pullProblem(reference, next.value.error);
      onProgress?.(next.value);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw asPullProblem(error, { reference, doing });
  } finally {
    ended.abort();
  }
}

/** The engine answers 404 or 500 to a pull that fails before its first progress. */
function asPullProblem(
  error: unknown,
  { reference, doing }: { readonly reference: string; readonly doing: string },
): unknown {
  if (isTrouble(error, "docker_not_found") || isTrouble(error, "docker_refused")) {
    return pullProblem(reference, error.message.replace(`Cannot ${doing}: `, ""));
  }
  if (error instanceof DeadlineExceeded) return pullProblem(reference, error.message);
  return error instanceof Problem ? error : engineUnavailable(doing, error); // a cut stream
}

async function* progressOf(
  { body }: Response,
  signal: AbortSignal,
): AsyncGenerator<PullProgress, void> {
  const decoder = new TextDecoder();
  let held = "";
  for await (const chunk of chunksOf(body, signal)) {
    held += decoder.decode(chunk, { stream: true });
    const lines = held.split("\n");
    held = (lines.pop() ?? "").slice(-LONGEST_LINE);
    for (const line of lines) {
      if (line.trim() !== "") yield v.parse(ProgressSchema, JSON.parse(line));
    }
  }
}
