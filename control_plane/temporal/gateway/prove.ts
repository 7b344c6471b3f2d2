/** Knocks at the gateway as a host would and as strangers would: it is used only if it tells them apart. */

import { DeadlineExceeded, withDeadline } from "../../../lib/async/deadline.ts";
import type { Clock, KnockTls } from "../../../lib/ports.ts";
import { reasonOf } from "../../../lib/problems/problem.ts";
import { gatewayOpen, gatewayUnproven } from "../../../lib/problems/plane.ts";
import type { Probes } from "../../certificates/authority.ts";
import type { Identity } from "../../certificates/issue.ts";

export interface GatewayDoor {
  /** As in messages, `host:port`. */
  readonly address: string;
  /** Where this machine reaches it. */
  readonly hostname: string;
  readonly port: number;
  readonly caPem: string;
}

export interface ProofNeeds {
  readonly probes: Probes;
  readonly knock: KnockTls;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** HAProxy itself waits 3 s for a Temporal that is away, and then closes without an alert. */
const ANSWER_MS = 10_000;
const OPENS_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 100;

/**
 * Waits up to 10 s until a right certificate is let in, then tries none, a foreign and an expired one.
 * Only an alert is a refusal: silence, an answer and an end without one all mean that the door was open.
 * Throws `gateway_unproven` and `gateway_open`.
 */
export async function proveGateway(door: GatewayDoor, needs: ProofNeeds): Promise<void> {
  const { right, foreign, expired } = needs.probes;
  await untilLetIn(door, right, needs);
  const strangers = [
    ["no certificate", undefined],
    ["another authority's certificate", foreign],
    ["an expired certificate", expired],
  ] as const;
  for (const [who, client] of strangers) {
    if (await isLetIn(door, client, needs)) throw gatewayOpen(door.address, who);
  }
}

async function untilLetIn(door: GatewayDoor, right: Identity, needs: ProofNeeds): Promise<void> {
  const { clock, signal } = needs;
  const end = clock.monotonic() + OPENS_WITHIN_MS;
  for (;;) {
    try {
      if (await isLetIn(door, right, needs)) return;
    } catch (error) {
      signal.throwIfAborted();
      if (clock.monotonic() >= end) throw error;
      await clock.sleep(LOOK_EVERY_MS, signal);
      continue;
    }
    throw gatewayUnproven(door.address, "it refuses a right certificate");
  }
}

async function isLetIn(
  { address, hostname, port, caPem }: GatewayDoor,
  client: Identity | undefined,
  { knock, clock, signal }: ProofNeeds,
): Promise<boolean> {
  const target = { hostname, port, caPem, ...(client === undefined ? {} : { client }) };
  try {
    const alert = await withDeadline(
      clock,
      { ms: ANSWER_MS, signal },
      (deadline) => knock({ ...target, signal: deadline }),
    );
    return alert === undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DeadlineExceeded) return true;
    throw gatewayUnproven(address, reasonOf(error));
  }
}
