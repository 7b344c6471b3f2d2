/** Retries transactions that failed because of concurrent ones. */

import { Kysely, type TransactionBuilder } from "kysely";
import { isRetryable } from "./faults.ts";

/** Retries need no pause: the conflicting row is committed by now, or the retry waits for its lock. */
const ATTEMPTS = 8;

/** A transaction may run several times, so it must have no effects outside the database. */
export class RetryingKysely<DB> extends Kysely<DB> {
  override transaction(): TransactionBuilder<DB> {
    const builder = super.transaction();
    const once = builder.execute.bind(builder);
    builder.execute = (work) => repeated(() => once(work));
    return builder;
  }
}

async function repeated<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isRetryable(error) || attempt === ATTEMPTS) throw error;
    }
  }
}
