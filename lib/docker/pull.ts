/** Pulls one image, and says why a pull failed, which it can even after an answer of status 200. */

import * as v from "valibot";
import { anySignal, orAbort } from "../async/abort.ts";
import { DeadlineExceeded, withDeadline } from "../async/timing.ts";
import { Problem } from "../problems/problem.ts";
import { engineUnavailable, pullFailed } from "../problems/docker.ts";
import { isTrouble, ProgressSchema, type PullProgress } from "./answers.ts";
import { chunksOf } from "./streams.ts";
import type { EngineHttp } from "./http.ts";

export interface PullOptions {
  readonly onProgress?: (progress: PullProgress) => void;
  readonly signal?: AbortSignal;
}

/** A pull that reports nothing for this long counts as stuck. */
const IDLE_MS = 300_000;
/** Longest line of progress that is kept while its end has not come. */
const LONGEST_LINE = 1 << 20;

/**
 * Pulls one tag or digest.
 * @throws `image_auth`, `image_missing`, `rate_limited`, `disk_pressure`, or a Problem of the engine
 */
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
  return error instanceof Problem ? error : engineUnavailable(doing, error); // the stream was cut
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

/**
 * Returns the query of `POST /images/create`. For a reference without a tag it asks for `latest`: without
 * the `tag` parameter the engine would pull every tag.
 */
function pullQuery(reference: string): Readonly<Record<string, string>> {
  const digest = reference.indexOf("@");
  if (digest >= 0) {
    return { fromImage: withoutTag(reference.slice(0, digest)), tag: reference.slice(digest + 1) };
  }
  const name = withoutTag(reference);
  return { fromImage: name, tag: reference.slice(name.length + 1) || "latest" };
}

function withoutTag(reference: string): string {
  const colon = reference.indexOf(":", reference.lastIndexOf("/") + 1); // skips the port of a registry
  return colon < 0 ? reference : reference.slice(0, colon);
}

type PullCode = Parameters<typeof pullFailed>[1]["code"];

/** Error texts of registries and the engine, as seen in practice; the first match decides. */
const MEANINGS: readonly (readonly [RegExp, PullCode])[] = [
  [/toomanyrequests|too many requests|rate limit|\b429\b/i, "rate_limited"],
  [/no space left|disk quota exceeded/i, "disk_pressure"],
  [
    /unauthorized|authentication required|no basic auth|access denied|\bdenied\b|forbidden/i,
    "image_auth",
  ],
];

/**
 * Returns the Problem of a failed pull by the error's text. An unknown text means `image_missing`: the image
 * does not exist, or its registry cannot be reached.
 */
function pullProblem(image: string, answer: string): Problem {
  const code = MEANINGS.find(([text]) => text.test(answer))?.[1] ?? "image_missing";
  return pullFailed(image, { code, answer });
}
