/** Ctrl-C in the middle of a scene: the work is given up, and everything is put away all the same. */

import { Refusal } from "../refusal.ts";

/** Answers what `work` does, unless SIGINT or SIGTERM comes first. @throws {Refusal} then. */
export async function orInterrupted<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(new Refusal("Stopped before the end", "Everything was put away"));
  for (const signal of SIGNALS) Deno.addSignalListener(signal, stop);
  try {
    return await Promise.race([work, promise]);
  } finally {
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, stop);
  }
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
