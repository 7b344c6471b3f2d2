/** Follows an agent's output into the run folder and this process's log, until the container has ended. */

import { aborted, anySignal } from "../../lib/async/abort.ts";
import { withDeadline } from "../../lib/async/timing.ts";
import { plainText } from "./plain_text.ts";
import { Problem, reasonOf } from "../../lib/problems/problem.ts";
import { openOutput } from "./output_log.ts";
import type { Run } from "../run/run.ts";

/** Output that the engine still has when the container has ended arrives within moments, or not at all. */
const CATCH_UP_MS = 3_000;
/** Between two looks when the engine is away or its stream ended early. */
const PAUSE_MS = 500;

export interface ReadOptions {
  /** Aborts when nothing more may be read. */
  readonly signal: AbortSignal;
  readonly redact: Promise<(text: string) => string>;
}
export interface FollowOptions extends ReadOptions {
  /** Aborts when the container has ended: what still flows may end, and no stream is opened again. */
  readonly ended: AbortSignal;
}

/**
 * Follows until the container has ended, across cut streams and an engine that is away. Output never
 * decides a run, so trouble with it is a warning.
 */
export async function followOutput(run: Run, options: FollowOptions): Promise<void> {
  using any = anySignal(options.ended, options.signal);
  const either = any.signal;
  const warn = onceFor(run);
  while (!either.aborted) {
    await followOnce(run, options).catch(warn);
    // The stream of a container that ended is over before the wait is: mostly there is nothing to sleep.
    await run.needs.clock.sleep(PAUSE_MS, either).catch(() => {});
  }
}

/**
 * After the end: reads what a cut stream left out, or all of it where nobody followed. Answers whether
 * the output is complete now.
 */
export async function catchUp(run: Run, { signal, redact }: ReadOptions): Promise<boolean> {
  const read = (limit: AbortSignal) => copy(run, { follow: false, signal: limit, redact });
  try {
    await withDeadline(run.needs.clock, { ms: CATCH_UP_MS, signal }, read);
    return true;
  } catch (error) {
    onceFor(run)(error);
    return false;
  }
}

/** Follows until the stream ends by itself, or has had its time after the container's end. */
async function followOnce(run: Run, options: FollowOptions): Promise<void> {
  const over = new AbortController();
  const stop = new AbortController();
  using any = anySignal(options.signal, stop.signal);
  const { signal } = any;
  const lingering = linger(run, { ended: options.ended, over: over.signal })
    .then(() => stop.abort(new Error("the container has ended")));
  try {
    await copy(run, { ...options, follow: true, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    over.abort();
    await lingering;
  }
}

/** Resolves some time after the end of the container, or as soon as following is over. */
async function linger(
  run: Run,
  { ended, over }: { readonly ended: AbortSignal; readonly over: AbortSignal },
): Promise<void> {
  using either = anySignal(ended, over);
  await aborted(either.signal);
  await run.needs.clock.sleep(CATCH_UP_MS, over).catch(() => {});
}

/**
 * The file has the output as it was: it lies in the host's folder, which holds the same credentials, and
 * stays there. This process's log shows it without known secrets: companies ship their containers' logs
 * to places that more people read. A line is logged once it is stored, so that no restart logs it twice.
 */
async function copy(
  run: Run,
  { follow, signal, redact }: ReadOptions & { readonly follow: boolean },
): Promise<void> {
  const { engine, files, log } = run.needs;
  const output = await openOutput(run.folder.output, files);
  try {
    for await (const lines of engine.logs(run.name, { since: output.since, follow, signal })) {
      const fresh = await output.write(lines);
      const redacted = await redact;
      for (const { stream, at, text } of fresh) {
        log("info", redacted(plainText(text)), { run_id: run.id, stream, at });
      }
    }
  } finally {
    await output.close();
  }
}

function onceFor(run: Run): (error: unknown) => void {
  let warned = false;
  return (error) => {
    if (!warned && !run.signals.detach.aborted) {
      const text = error instanceof Problem ? error.message : reasonOf(error);
      run.needs.log("warn", "output is not complete yet", { run_id: run.id, error: text });
    }
    warned = true;
  };
}
