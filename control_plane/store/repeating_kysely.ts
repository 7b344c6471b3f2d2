/** Postgres may end a transaction for the sake of another one; it is done again, and nobody hears of it. */

import { Kysely, type TransactionBuilder } from "kysely";
import { databaseBusy } from "../../lib/problems/postgres.ts";
import { isRepeatable } from "./postgres_faults.ts";

/** At once and without a pause: what the transaction has met holds its locks, and is waited for. */
const ATTEMPTS = 8;

/** What is done in a transaction may be done several times, so it changes the database and nothing else. */
export class RepeatingKysely<DB> extends Kysely<DB> {
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
      if (!isRepeatable(error)) throw error;
      if (attempt === ATTEMPTS) throw databaseBusy(error);
    }
  }
}
