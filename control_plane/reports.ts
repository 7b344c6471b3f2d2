/** What hosts report, read as from a stranger: a report that cannot be read must still end its run. */

import * as v from "valibot";
import {
  MESSAGE_LIMIT_BYTES,
  type PhaseStamp,
  PhaseStampSchema,
  type RunOutcome,
  RunOutcomeSchema,
} from "../lib/contract/run.ts";
import type { Clock } from "../lib/ports.ts";
import { shortened } from "../lib/utf8.ts";

/** More than a summary needs, and little enough for a row. */
const MOST_CONNECTIONS = 500;

/** The outcome as it may be recorded; one of no known form ends the run as failed, and says why. */
export function readOutcome(reported: unknown, clock: Clock): RunOutcome {
  const { success, output, issues } = v.safeParse(RunOutcomeSchema, reported);
  if (!success) return unreadable(issues[0], clock);
  const { message, connections, ...outcome } = output;
  return {
    ...outcome,
    ...(message === undefined ? {} : { message: shortened(message, MESSAGE_LIMIT_BYTES) }),
    ...(connections === undefined ? {} : { connections: connections.slice(0, MOST_CONNECTIONS) }),
  };
}

/** The stamps that can be read. */
export function readPhases(reported: unknown): readonly PhaseStamp[] {
  if (!Array.isArray(reported)) return [];
  return reported.filter((stamp): stamp is PhaseStamp => v.is(PhaseStampSchema, stamp));
}

function unreadable(issue: v.BaseIssue<unknown>, clock: Clock): RunOutcome {
  const where = v.getDotPath(issue) ?? "the report";
  return {
    status: "failed",
    reason: "internal",
    message: "The host reported an outcome that cannot be read " +
      `(${where}: ${issue.message}). Look at the run's folder on the host, ` +
      "and bring host and control plane to the same version",
    phases: [],
    ended_at: clock.now().toISOString(),
  };
}
