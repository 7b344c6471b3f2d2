/** Notifies open pages of changes, so that they need not poll. */

/** The tables whose changes open pages follow. */
export const WATCHED_TABLES = ["hosts", "jobs", "runs"] as const;
export type WatchedTable = typeof WATCHED_TABLES[number];

export interface Changes {
  /**
   * Calls `listener` after a change of one of the tables was committed; one call may cover several
   * changes. The listener must not throw or block. Returns a function that ends the subscription.
   */
  subscribe(
    tables: readonly WatchedTable[],
    listener: (table: WatchedTable) => void,
  ): () => void;
}

export interface LocalChanges extends Changes {
  announce(table: WatchedTable): void;
}

/** Changes made by this process. On SQLite it is the only writer. */
export function localChanges(): LocalChanges {
  const listeners = new Map<WatchedTable, Set<(table: WatchedTable) => void>>(
    WATCHED_TABLES.map((table) => [table, new Set()]),
  );
  return {
    subscribe(tables, listener) {
      for (const table of tables) listeners.get(table)?.add(listener);
      return () => {
        for (const table of tables) listeners.get(table)?.delete(listener);
      };
    },
    announce(table) {
      for (const listener of listeners.get(table) ?? []) listener(table);
    },
  };
}

/** Any method of a part of the store. */
type Call = (...args: never[]) => Promise<unknown>;

/** Wraps `part` so that `announce` is called after each of the named methods succeeds. */
export function announcing<PART extends object>(
  part: PART,
  calls: readonly (keyof PART & string)[],
  announce: () => void,
): PART {
  const wrapped = calls.map((name) => {
    const call = part[name] as Call;
    const announced: Call = async (...args) => {
      const answer = await call(...args);
      announce();
      return answer;
    };
    return [name, announced] as const;
  });
  return { ...part, ...Object.fromEntries(wrapped) };
}
