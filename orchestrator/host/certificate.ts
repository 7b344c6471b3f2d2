/** Renews the host's certificate for Temporal. The new one stays in memory: `agent_config/` is mounted read-only. */

import { withDeadline } from "../../lib/async/timing.ts";
import { certificateLife } from "../../lib/crypto/keys.ts";
import type { Clock, Log } from "../../lib/ports.ts";
import { Problem, reasonOf } from "../../lib/problems/problem.ts";

/** The host's certificate, and the authority of Temporal's own. PEM. */
export interface HostCertificate {
  readonly clientCertificatePem: string;
  readonly caPem: string;
}

export interface CertificateNeeds {
  /** Has Bigeye issue the next certificate. */
  readonly renew: (signal: AbortSignal) => Promise<HostCertificate>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

const ANSWER_WITHIN_MS = 5_000;
const RETRY_MS = 600_000;
const RETRY_EXPIRED_MS = 5_000;
/** Longest sleep: a machine that was suspended, or whose clock was set, must not oversleep the expiry. */
const CHECK_INTERVAL_MS = 86_400_000;

/**
 * Resolves with the certificate to connect with: the present one, or a new one after two thirds of its
 * life. While Bigeye is down, a certificate that is due but valid is used, and an expired one waits.
 *
 * @throws `certificate_unreadable`, `host_taken_over`, and the signal's reason on abort.
 */
export async function usableCertificate(
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
    await clock.sleep(RETRY_EXPIRED_MS, signal);
  }
}

/**
 * Renews the certificate in time until the signal aborts. `onNew` starts using each new one. If it
 * rejects, another certificate is requested later.
 *
 * @throws `certificate_unreadable`, `host_taken_over`.
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
      await clock.sleep(Math.min(wait, CHECK_INTERVAL_MS), signal).catch(() => {});
      continue;
    }
    const next = await nextCertificate(needs, onNew).catch((error) => {
      if (!signal.aborted) throw error;
      return undefined;
    });
    if (next) current = next;
    else await clock.sleep(RETRY_MS, signal).catch(() => {});
  }
}

/** Resolves with `undefined`, and logs why, if there is no new certificate or it could not be used. */
async function nextCertificate(
  { renew, clock, log, signal }: CertificateNeeds,
  use: (next: HostCertificate) => Promise<void> = () => Promise.resolve(),
): Promise<HostCertificate | undefined> {
  try {
    const next = await withDeadline(clock, { ms: ANSWER_WITHIN_MS, signal }, renew);
    const { until } = certificateLife(next.clientCertificatePem);
    await use(next);
    log("info", "certificate renewed", { until: until.toISOString() });
    return next;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Problem && error.code === "host_taken_over") throw error;
    log("warn", "could not renew the certificate", { error: reasonOf(error) });
    return undefined;
  }
}
