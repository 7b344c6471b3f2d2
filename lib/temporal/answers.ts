/** Waits for a Temporal that is just starting, without a word about its being away. */

import type { Clock, Log } from "../ports.ts";
import { connectTemporal } from "./connection.ts";
import { installRuntime } from "./runtime.ts";

/** Resolves once it takes calls; rejects with the signal's reason only. */
export async function temporalAnswers(
  address: string,
  { clock, log, signal }: {
    readonly clock: Clock;
    readonly log: Log;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  // The first call decides where the SDK logs from now on.
  installRuntime(log);
  const connection = await connectTemporal({ address }, { clock, log: () => {}, signal });
  await connection.close();
}
