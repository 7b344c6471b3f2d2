/** Validates what is reported of runs. The sender is not trusted, but even an invalid outcome ends its run. */

import * as v from "valibot";
import {
  MESSAGE_LIMIT_BYTES,
  type PhaseStamp,
  PhaseStampSchema,
  type RunOutcome,
  RunOutcomeSchema,
} from "../../lib/contract/run.ts";
import { OutcomeReportSchema } from "../../lib/contract/dispatch.ts";
import { importKey } from "../../lib/crypto/keys.ts";
import type { Clock, Log } from "../../lib/ports.ts";
import { Problem } from "../../lib/problems/problem.ts";
import { reportNotSigned } from "../../lib/problems/run.ts";
import { authenticOutcome } from "../../lib/crypto/signed_outcome.ts";
import { shortened } from "../../lib/contract/text.ts";

/** More than a summary needs, and small enough for a row. */
const MOST_CONNECTIONS = 500;

export interface OutcomeReaderNeeds {
  /** The run as recorded. */
  readonly run: { readonly id: string; readonly hostId: string };
  /** The company's recorded public key, PEM; absent before the first host registers. */
  companyPublicPem(): Promise<string | undefined>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Returns the outcome to record. An outcome without a valid signature ends the run as failed with
 * `policy_denied`, an outcome of unknown form with `internal`; the message says why.
 */
export async function readOutcome(
  reported: unknown,
  needs: OutcomeReaderNeeds,
): Promise<RunOutcome> {
  try {
    return await believedOutcome(reported, needs);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "policy_denied") throw error;
    const { run, clock, log } = needs;
    const reason = "policy_denied";
    const { message, hint } = error;
    log("warn", "outcome refused", { run_id: run.id, host_id: run.hostId, reason, error: message });
    return failed({ reason, message: `${message}. ${hint}`, clock });
  }
}

/** @throws `policy_denied` for an outcome that is neither signed by the host nor inferred by the workflow. */
async function believedOutcome(
  reported: unknown,
  { run, companyPublicPem, clock }: OutcomeReaderNeeds,
): Promise<RunOutcome> {
  const report = v.safeParse(OutcomeReportSchema, reported);
  if (!report.success) throw reportNotSigned();
  if ("unheard" in report.output) return limited(report.output.unheard);
  const pem = await companyPublicPem();
  if (pem === undefined) throw reportNotSigned();
  const outcome = await authenticOutcome(report.output.signed, {
    publicKey: await importKey(pem, "verify"),
    runId: run.id,
    hostId: run.hostId,
  });
  const { success, output, issues } = v.safeParse(RunOutcomeSchema, outcome);
  return success ? limited(output) : unreadable(issues[0], clock);
}

function limited({ message, connections, ...outcome }: RunOutcome): RunOutcome {
  return {
    ...outcome,
    ...(message === undefined ? {} : { message: shortened(message, MESSAGE_LIMIT_BYTES) }),
    ...(connections === undefined ? {} : { connections: connections.slice(0, MOST_CONNECTIONS) }),
  };
}

/** Returns the valid stamps and drops the others. */
export function readPhases(reported: unknown): readonly PhaseStamp[] {
  if (!Array.isArray(reported)) return [];
  return reported.filter((stamp): stamp is PhaseStamp => v.is(PhaseStampSchema, stamp));
}

function unreadable(issue: v.BaseIssue<unknown>, clock: Clock): RunOutcome {
  const where = v.getDotPath(issue) ?? "the report";
  const message = "The host reported an outcome that cannot be read " +
    `(${where}: ${issue.message}). Look at the run's folder on the host, ` +
    "and bring host and control plane to the same version";
  return failed({ reason: "internal", message, clock });
}

function failed(
  { clock, reason, message }: {
    readonly message: string;
    readonly reason: "policy_denied" | "internal";
    readonly clock: Clock;
  },
): RunOutcome {
  const ended_at = clock.now().toISOString();
  // The message quotes invalid input, which may be of any length.
  return limited({ status: "failed", reason, message, phases: [], ended_at });
}
