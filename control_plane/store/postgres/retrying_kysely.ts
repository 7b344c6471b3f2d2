/** On Postgres others come in between; a transaction that they have spoiled is done again, unheard of. */

import { Kysely, type TransactionBuilder } from "kysely";
import { isRepeatable } from "./faults.ts";

/** At once and without a pause: what the transaction has met is there by now, or its locks are waited for. */
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
      if (!isRepeatable(error) || attempt === ATTEMPTS) throw error;
    }
  }
}
