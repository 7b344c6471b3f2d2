/** Gives an attempt at an activity back to Temporal, which then offers it again. */

import {
  ActivityCancelledError,
  ActivityNotFoundError,
  ActivityPausedError,
  ActivityResetError,
  AsyncCompletionClient,
} from "@temporalio/client";
import {
  ApplicationFailure,
  ApplicationFailureCategory,
  type Duration,
  type PayloadCodec,
} from "@temporalio/common";
import type { NativeConnection } from "@temporalio/worker";
import type { Clock } from "../ports.ts";

/**
 * A failure that Temporal retries: after the interval of the retry policy, or after the given delay.
 * "Benign" keeps it out of the logs and metrics of failed activities.
 */
export function handedBack(when: { readonly nextRetryDelay?: Duration } = {}): ApplicationFailure {
  const failure = ApplicationFailure.create({
    ...when,
    message: "handed_back",
    type: "handed_back",
    category: ApplicationFailureCategory.BENIGN,
  });
  failure.stack = "";
  return failure;
}

/**
 * What became of an attempt of another process. `gone`: it is over, and its token will never be valid
 * again. `left`: a cancel was requested or a person has paused it, and it goes on to its heartbeat timeout.
 */
export type HandBack = "handed back" | "gone" | "left";

/** The start of a host must not wait long for a Temporal that does not answer. */
const ANSWER_MS = 5_000;
/** The process that takes the next attempt already waits. The policy's interval grows with each attempt. */
const NEXT_RETRY_DELAY = "10 ms";

/**
 * Fails the attempt with this task token (base64), if Temporal still holds it open. A heartbeat comes
 * first, because Temporal does not retry a failed attempt once a cancel was requested.
 *
 * @throws if Temporal has not answered within 5 s, or refuses the token
 */
export async function handBack(
  token: string,
  { connection, namespace, codec, clock }: {
    readonly connection: NativeConnection;
    readonly namespace: string;
    /** The codec of the workers: the next attempt reads the details of the heartbeat, although empty. */
    readonly codec: PayloadCodec;
    readonly clock: Pick<Clock, "now">;
  },
): Promise<HandBack> {
  const taskToken = Uint8Array.fromBase64(token);
  const dataConverter = { payloadCodecs: [codec] };
  const attempts = new AsyncCompletionClient({ connection, namespace, dataConverter });
  return await connection.withDeadline(clock.now().getTime() + ANSWER_MS, async () => {
    try {
      await attempts.heartbeat(taskToken);
      await attempts.fail(taskToken, handedBack({ nextRetryDelay: NEXT_RETRY_DELAY }));
      return "handed back";
    } catch (error) {
      if (error instanceof ActivityNotFoundError) return "gone";
      if (HELD.some((kind) => error instanceof kind)) return "left";
      throw error;
    }
  });
}

const HELD = [ActivityCancelledError, ActivityPausedError, ActivityResetError];
