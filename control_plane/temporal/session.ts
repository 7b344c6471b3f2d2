/** Runs everything that uses Temporal: worker, dispatcher, schedules, orphan scan. Restarts it after a failure. */

import { anySignal } from "../../lib/async/abort.ts";
import { importKey } from "../../lib/crypto/keys.ts";
import { signOrders } from "../../lib/crypto/signed_order.ts";
import type { Clock, Log } from "../../lib/ports.ts";
import { reasonOf } from "../../lib/problems/problem.ts";
import { createEnvelopeCodec, tolerantCodec } from "../../lib/temporal/payloads/codec.ts";
import { createCancelPush } from "../../lib/temporal/cancel_push.ts";
import { connectTemporal, type TemporalServer } from "../../lib/temporal/connection.ts";
import { createRunClient } from "../../lib/temporal/run_client.ts";
import { runWorkers } from "../../lib/temporal/runtime.ts";
import { createScheduleClient } from "../../lib/temporal/schedules/client.ts";
import { createDispatcher } from "../runs/dispatch.ts";
import { watchOrphans } from "../runs/orphans.ts";
import { createScheduleReconciler } from "../schedules/reconciler.ts";
import type { RunOutbox, ScheduleStore } from "../store/mod.ts";
import { createPlaneWorker } from "./worker.ts";

export interface TemporalSessionNeeds {
  readonly outbox: RunOutbox;
  readonly schedules: ScheduleStore;
  /** The account's key pair, and the company's public key once registered; all PEM. */
  readonly account: {
    readonly privatePem: string;
    readonly publicPem: string;
    companyPublicPem(): Promise<string | undefined>;
  };
  readonly temporal: TemporalServer & { readonly namespace: string };
  /** How long a run waits for its host before it ends with reason `host_unavailable`. */
  readonly hostWaitSeconds: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly workflowBundle: () => Promise<{ code: string }>;
}

export interface TemporalSession {
  /** Call it after queueing a run, requesting a cancel or changing a schedule; else each is found within 2 s. */
  wake(): void;
  /** Resolves once the signal has aborted and everything has stopped; never rejects. */
  readonly done: Promise<void>;
}

const PAUSE_MS = 1_000;

/** Returns at once. While Temporal is down, runs are queued and REST works. */
export function startTemporalSession(needs: TemporalSessionNeeds): TemporalSession {
  let wake = () => {};
  const done = keepUp(needs, (next) => wake = next);
  return { wake: () => wake(), done };
}

async function keepUp(
  needs: TemporalSessionNeeds,
  onWake: (wake: () => void) => void,
): Promise<void> {
  const { clock, log, signal } = needs;
  while (!signal.aborted) {
    try {
      await session(needs, onWake);
    } catch (error) {
      if (signal.aborted) return;
      log("error", "temporal session failed, restarting it", { error: reasonOf(error) });
      await clock.sleep(PAUSE_MS, signal).catch(() => {});
    } finally {
      onWake(() => {});
    }
  }
}

/** Runs on one connection until the signal aborts or something fails. */
async function session(
  needs: TemporalSessionNeeds,
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
    const pushCancel = await createCancelPush(connection, { namespace, codec, clock, log });
    const dispatcher = createDispatcher({ ...needs, workflows, pushCancel, sign });
    const reconciler = createScheduleReconciler({
      schedules,
      // Others may have written an unreadable payload into a schedule; it is then corrected.
      temporal: createScheduleClient(connection, {
        namespace,
        codec: tolerantCodec(codec, log),
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
      reconciler.wake();
    });

    const over = new AbortController();
    using until = anySignal(signal, over.signal);
    const loops = [
      dispatcher.run(until.signal),
      reconciler.run(until.signal),
      watchOrphans({ outbox, workflows, clock, log }, until.signal),
    ];
    log("info", "temporal worker started", { address: temporal.address });
    try {
      await runWorkers([worker], signal);
    } finally {
      over.abort();
      await Promise.all(loops);
    }
  } finally {
    await connection.close();
  }
}

type AccountCodec = ReturnType<typeof createEnvelopeCodec>;

/** Encrypts payloads for both halves, so that each can read what the other sends. */
function accountCodec({ account, clock }: TemporalSessionNeeds): AccountCodec {
  return createEnvelopeCodec({
    privatePem: account.privatePem,
    recipients: async () => {
      const company = await account.companyPublicPem();
      return company === undefined ? [account.publicPem] : [account.publicPem, company];
    },
    clock,
  });
}
