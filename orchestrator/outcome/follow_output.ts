/** Copies an agent's output to the run folder and to this process's log until the container has ended. */

import { aborted, anySignal } from "../../lib/async/abort.ts";
import { withDeadline } from "../../lib/async/timing.ts";
import type { Engine } from "../../lib/docker/engine.ts";
import type { Clock, Files, Log } from "../../lib/ports.ts";
import { Problem, reasonOf } from "../../lib/problems/problem.ts";
import { openOutput } from "./output_log.ts";
import type { Redact } from "./redaction.ts";

/** What following the output needs of a run. */
export interface FollowedRun {
  readonly id: string;
  /** The container's name. */
  readonly name: string;
  readonly folder: {
    /** Path of the file that gets the output. */
    readonly output: string;
  };
  /** `detach` aborts when the run is left to another attempt. */
  readonly signals: { readonly detach: AbortSignal };
  readonly needs: {
    readonly engine: Pick<Engine, "logs">;
    readonly files: Files;
    readonly clock: Clock;
    readonly log: Log;
  };
}

/** Once the container has ended, the engine sends the rest of its output within moments or not at all. */
const REST_MS = 3_000;
/** Pause before the next attempt when the engine is down or its stream ended early. */
const PAUSE_MS = 500;

export interface ReadOptions {
  /** Aborts when reading must stop. */
  readonly signal: AbortSignal;
  /** A promise, so that output is stored while the agent's secrets are still being collected. */
  readonly redaction: Promise<Redact>;
}

export interface FollowOptions extends ReadOptions {
  /** Aborts when the container has ended: an open stream may finish, and no other is opened. */
  readonly ended: AbortSignal;
}

/**
 * Follows until the container has ended, through cut streams and while the engine is down. Resolves
 * whatever happens: output never decides how a run ends, so a failure is a warning.
 */
export async function followOutput(run: FollowedRun, options: FollowOptions): Promise<void> {
  using any = anySignal(options.ended, options.signal);
  const warn = warnOnce(run);
  while (!any.signal.aborted) {
    await followOnce(run, options).catch(warn);
    // A stream usually ends just before `ended` aborts, which cuts this sleep short.
    await run.needs.clock.sleep(PAUSE_MS, any.signal).catch(() => {});
  }
}

/**
 * Reads, after the container's end, the output that is not stored yet. Resolves with whether all of it
 * is stored now.
 */
export async function readRest(
  run: FollowedRun,
  { signal, redaction }: ReadOptions,
): Promise<boolean> {
  const read = (limit: AbortSignal) => copy(run, { follow: false, signal: limit, redaction });
  try {
    await withDeadline(run.needs.clock, { ms: REST_MS, signal }, read);
    return true;
  } catch (error) {
    warnOnce(run)(error);
    return false;
  }
}

/** Follows one stream until it ends, or until {@linkcode REST_MS} after the container's end. */
async function followOnce(run: FollowedRun, options: FollowOptions): Promise<void> {
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

/** Resolves {@linkcode REST_MS} after `ended` aborts, or as soon as `over` does. */
async function linger(
  run: FollowedRun,
  { ended, over }: { readonly ended: AbortSignal; readonly over: AbortSignal },
): Promise<void> {
  using either = anySignal(ended, over);
  await aborted(either.signal);
  await run.needs.clock.sleep(REST_MS, over).catch(() => {});
}

/**
 * The file gets the output as it was: it stays in the host folder, which holds the same credentials.
 * This process's log gets it redacted, because companies ship container logs to places that more people
 * can read. A line is logged after it is stored, so that a restart does not log it twice.
 */
async function copy(
  run: FollowedRun,
  { follow, signal, redaction }: ReadOptions & { readonly follow: boolean },
): Promise<void> {
  const { engine, files, log } = run.needs;
  const output = await openOutput(run.folder.output, files);
  try {
    for await (const lines of engine.logs(run.name, { since: output.since, follow, signal })) {
      const fresh = await output.write(lines);
      const redact = await redaction;
      for (const { stream, at, text } of fresh) {
        log("info", redact(text), { run_id: run.id, stream, at });
      }
    }
  } finally {
    await output.close();
  }
}

function warnOnce(run: FollowedRun): (error: unknown) => void {
  let warned = false;
  return (error) => {
    if (!warned && !run.signals.detach.aborted) {
      const text = error instanceof Problem ? error.message : reasonOf(error);
      run.needs.log("warn", "output is not complete yet", { run_id: run.id, error: text });
    }
    warned = true;
  };
}
