/** Keeps the host's certificate for Temporal good. It is renewed in memory: `agent_config/` is read-only here. */

import { certificateLife } from "../../lib/crypto/certificate_life.ts";
import { withDeadline } from "../../lib/async/timing.ts";
import type { Clock, Log } from "../../lib/ports.ts";
import { Problem, reasonOf } from "../../lib/problems/problem.ts";

/** What the host shows Temporal and holds Temporal against, PEM. */
export interface HostCertificate {
  readonly clientCertificatePem: string;
  readonly caPem: string;
}

export interface CertificateNeeds {
  /** Has Bigeye issue the next one. */
  readonly renew: (signal: AbortSignal) => Promise<HostCertificate>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

const ASK_WITHIN_MS = 5_000;
const ASK_AGAIN_MS = 600_000;
const ASK_AGAIN_EXPIRED_MS = 5_000;
/** A machine that was suspended, or whose clock was set, must not sleep beyond the end. */
const LOOK_EVERY_MS = 86_400_000;

/**
 * What to connect with: the present certificate, or the next one when two thirds of its life are over.
 * A Bigeye that is away is waited for only when the present one is of no use any more. Throws
 * `certificate_unreadable` and `host_taken_over`.
 */
export async function goodCertificate(
  present: HostCertificate,
  needs: CertificateNeeds,
): Promise<HostCertificate> {
  const { clock, signal } = needs;
  const { renewAt, until } = certificateLife(present.clientCertificatePem);
  if (clock.now() < renewAt) return present;
  for (;;) {
    const next = await nextCertificate(needs);
    if (next) return next;
    if (clock.now() < until) return present;
    await clock.sleep(ASK_AGAIN_EXPIRED_MS, signal);
  }
}

/**
 * Renews in time until the signal aborts; `onNew` puts each next one to use, and is called again with
 * another one when it fails. Throws `host_taken_over`.
 */
export async function keepCertificate(
  present: HostCertificate,
  needs: CertificateNeeds,
  onNew: (next: HostCertificate) => Promise<void>,
): Promise<void> {
  const { clock, signal } = needs;
  let current = present;
  while (!signal.aborted) {
    const wait = certificateLife(current.clientCertificatePem).renewAt.getTime() -
      clock.now().getTime();
    if (wait > 0) {
      await clock.sleep(Math.min(wait, LOOK_EVERY_MS), signal).catch(() => {});
      continue;
    }
    const next = await nextCertificate(needs, onNew).catch((error) => {
      if (!signal.aborted) throw error;
      return undefined;
    });
    if (next) current = next;
    else await clock.sleep(ASK_AGAIN_MS, signal).catch(() => {});
  }
}

/** Answers nothing, and says why, when there is none to be had or it could not be put to use. */
async function nextCertificate(
  { renew, clock, log, signal }: CertificateNeeds,
  use: (next: HostCertificate) => Promise<void> = () => Promise.resolve(),
): Promise<HostCertificate | undefined> {
  try {
    const next = await withDeadline(clock, { ms: ASK_WITHIN_MS, signal }, renew);
    const { until } = certificateLife(next.clientCertificatePem);
    await use(next);
    log("info", "certificate renewed", { until: until.toISOString() });
    return next;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Problem && error.code === "host_taken_over") throw error;
    log("warn", "certificate not renewed", { error: reasonOf(error) });
    return undefined;
  }
}
