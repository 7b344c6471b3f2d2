/** Owns everything of the plane that speaks to Temporal, and brings it back when it fails. */

import { anySignal } from "../../lib/async/any_signal.ts";
import { importKey } from "../../lib/crypto/keys.ts";
import { signOrders } from "../../lib/crypto/order.ts";
import type { Clock, Log } from "../../lib/ports.ts";
import { reasonOf } from "../../lib/problems/problem.ts";
import { createEnvelopeCodec } from "../../lib/temporal/payloads/codec.ts";
import { connectTemporal, type TemporalServer } from "../../lib/temporal/connection.ts";
import { readOrNothing } from "../../lib/temporal/payloads/read_or_nothing.ts";
import { createRunClient } from "../../lib/temporal/run_client.ts";
import { runWorkers } from "../../lib/temporal/run_workers.ts";
import { createScheduleClient } from "../../lib/temporal/schedules/client.ts";
import { createDispatcher } from "../runs/dispatch.ts";
import { watchOrphans } from "../runs/orphans.ts";
import { createScheduleKeeper } from "../schedules/reconciler.ts";
import type { RunOutbox, ScheduleStore } from "../store/mod.ts";
import { createPlaneWorker } from "./worker.ts";

export interface TemporalSideNeeds {
  readonly outbox: RunOutbox;
  readonly schedules: ScheduleStore;
  /** The account's pair, and the company's public key once it is registered; all PEM. */
  readonly account: {
    readonly privatePem: string;
    readonly publicPem: string;
    companyPublicPem(): Promise<string | undefined>;
  };
  readonly temporal: TemporalServer & { readonly namespace: string };
  /** How long a run waits for its host before it ends as `host_unavailable`. */
  readonly hostWaitSeconds: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly workflowBundle: () => Promise<{ code: string }>;
}

export interface TemporalSide {
  /** A run was queued, a cancel asked for, a schedule changed; without it each is noticed within 2 s. */
  wake(): void;
  /** Resolves once the signal has aborted and all has stopped; never rejects. */
  readonly done: Promise<void>;
}

const PAUSE_MS = 1_000;

/** Starts at once and never waits for Temporal: without it runs are queued and REST goes on. */
export function startTemporalSide(needs: TemporalSideNeeds): TemporalSide {
  let wake = () => {};
  const done = keepUp(needs, (next) => wake = next);
  return { wake: () => wake(), done };
}

async function keepUp(
  needs: TemporalSideNeeds,
  onWake: (wake: () => void) => void,
): Promise<void> {
  const { clock, log, signal } = needs;
  while (!signal.aborted) {
    try {
      await session(needs, onWake);
    } catch (error) {
      if (signal.aborted) return;
      log("error", "temporal side failed, starting it again", { error: reasonOf(error) });
      await clock.sleep(PAUSE_MS, signal).catch(() => {});
    } finally {
      onWake(() => {});
    }
  }
}

/** From one connection to its end, which is the signal's abort or a failure. */
async function session(
  needs: TemporalSideNeeds,
  onWake: (wake: () => void) => void,
): Promise<void> {
  const { outbox, schedules, account, temporal, clock, log, signal } = needs;
  const codec = accountCodec(needs);
  const signKey = await importKey(account.privatePem, "sign");
  const workflowBundle = await needs.workflowBundle();

  const connection = await connectTemporal(temporal, { clock, log, signal });
  try {
    const { namespace } = temporal;
    const workflows = createRunClient(connection, { namespace, codec, clock });
    const sign = (orders: readonly string[]) => signOrders(orders, signKey);
    const dispatcher = createDispatcher({ ...needs, workflows, sign });
    const keeper = createScheduleKeeper({
      schedules,
      // What somebody has written into a schedule may be unreadable, and is then put right.
      temporal: createScheduleClient(connection, {
        namespace,
        codec: readOrNothing(codec, log),
        clock,
      }),
      clock,
      log,
    });
    const worker = await createPlaneWorker({
      connection,
      namespace,
      codec,
      clock,
      log,
      outbox,
      schedules,
      wake: dispatcher.wake,
      companyPublicPem: () => account.companyPublicPem(),
      workflowBundle,
    });
    onWake(() => {
      dispatcher.wake();
      keeper.wake();
    });

    const over = new AbortController();
    using until = anySignal(signal, over.signal);
    const beside = [
      dispatcher.run(until.signal),
      keeper.run(until.signal),
      watchOrphans({ outbox, workflows, clock, log }, until.signal),
    ];
    log("info", "temporal worker started", { address: temporal.address });
    try {
      await runWorkers([worker], signal);
    } finally {
      over.abort();
      await Promise.all(beside);
    }
  } finally {
    await connection.close();
  }
}

type AccountCodec = ReturnType<typeof createEnvelopeCodec>;

/** Sealed for both halves: what the plane sends, hosts read, and the other way round. */
function accountCodec({ account, clock }: TemporalSideNeeds): AccountCodec {
  return createEnvelopeCodec({
    privatePem: account.privatePem,
    recipients: async () => {
      const company = await account.companyPublicPem();
      return company === undefined ? [account.publicPem] : [account.publicPem, company];
    },
    clock,
  });
}
