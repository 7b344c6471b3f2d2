/** Gathers what is known of an agent that has ended, and lets the pure part judge it. */

import type { RunOutcome } from "../../lib/contract/run.ts";
import type { Container } from "../../lib/docker/engine.ts";
import { reasonOf } from "../../lib/problems/problem.ts";
import { catchUp } from "./follow_output.ts";
import { outcomeOf } from "./outcome.ts";
import { lastLines } from "./output_log.ts";
import { readResult } from "./result_file.ts";
import type { Run } from "../run/run.ts";
import { agentRedactor } from "./secrets.ts";

/** Enough for the lines of a message, long ones in full: what is hidden in them is hidden before they are cut. */
const TAIL_BYTES = 1 << 18;

export async function exitOutcome(run: Run, container: Container): Promise<RunOutcome> {
  const { files, clock } = run.needs;
  const secrets = agentRedactor(run.needs, run.order.task.agent_type);
  const outputComplete = await catchUp(run, { signal: run.signals.detach, redact: secrets });
  run.signals.detach.throwIfAborted();
  const redact = await secrets;
  return outcomeOf({
    order: run.order,
    record: run.journal.record,
    container,
    result: await orNothing(run, readResult(run.folder, { files, redact }), { connections: [] }),
    tail: await orNothing(run, lastLines(run.folder.output, { files, bytes: TAIL_BYTES }), []),
    outputComplete,
    redact,
    now: clock.now(),
  });
}

/** A file that cannot be read makes a poorer message; it does not change how the run ended. */
async function orNothing<T>(run: Run, reading: Promise<T>, nothing: T): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    run.needs.log("warn", "file of a run not readable", { run_id: run.id, error: reasonOf(error) });
    return nothing;
  }
}
