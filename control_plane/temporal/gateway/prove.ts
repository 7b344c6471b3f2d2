/** Verifies the gateway by connecting with a valid and with invalid certificates. */

import { retryWithin } from "../../../lib/async/retry.ts";
import { DeadlineExceeded, withDeadline } from "../../../lib/async/timing.ts";
import type { Clock, ProbeTls } from "../../../lib/ports.ts";
import { reasonOf } from "../../../lib/problems/problem.ts";
import { gatewayOpen, gatewayUnproven } from "../../../lib/problems/plane.ts";
import type { Probes } from "../../certificates/authority.ts";
import type { Identity } from "../../certificates/issue.ts";

export interface GatewayEndpoint {
  /** `host:port`, for messages. */
  readonly address: string;
  /** The address that this machine connects to. */
  readonly hostname: string;
  readonly port: number;
  readonly caPem: string;
}

export interface ProofNeeds {
  readonly probes: Probes;
  readonly probe: ProbeTls;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** HAProxy waits 3 s for an unreachable Temporal, then closes the connection without an alert. */
const ANSWER_MS = 10_000;
const OPENS_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 100;

/**
 * Waits up to 10 s until a valid certificate is admitted, then tries none, a foreign and an expired one.
 * Only a TLS alert counts as a refusal: silence, an answer or a plain close mean that it was admitted.
 * @throws `gateway_unproven`, `gateway_open`.
 */
export async function verifyGateway(endpoint: GatewayEndpoint, needs: ProofNeeds): Promise<void> {
  const { right, foreign, expired } = needs.probes;
  await untilAdmitted(endpoint, right, needs);
  const invalid = [
    ["no certificate", undefined],
    ["another authority's certificate", foreign],
    ["an expired certificate", expired],
  ] as const;
  for (const [who, client] of invalid) {
    if (await isAdmitted(endpoint, client, needs)) throw gatewayOpen(endpoint.address, who);
  }
}

async function untilAdmitted(
  endpoint: GatewayEndpoint,
  right: Identity,
  needs: ProofNeeds,
): Promise<void> {
  const { clock, signal } = needs;
  const limits = { clock, signal, withinMs: OPENS_WITHIN_MS, everyMs: LOOK_EVERY_MS };
  if (await retryWithin(() => isAdmitted(endpoint, right, needs), limits)) return;
  throw gatewayUnproven(endpoint.address, "it refuses a valid certificate");
}

async function isAdmitted(
  { address, hostname, port, caPem }: GatewayEndpoint,
  client: Identity | undefined,
  { probe, clock, signal }: ProofNeeds,
): Promise<boolean> {
  const target = { hostname, port, caPem, ...(client === undefined ? {} : { client }) };
  try {
    const alert = await withDeadline(
      clock,
      { ms: ANSWER_MS, signal },
      (deadline) => probe({ ...target, signal: deadline }),
    );
    return alert === undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DeadlineExceeded) return true;
    throw gatewayUnproven(address, reasonOf(error));
  }
}
