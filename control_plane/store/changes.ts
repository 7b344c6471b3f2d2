/** Tells open pages that something has changed, so that they need not ask again and again. */

/** What a page can show and a change can be of. */
export const WATCHED_TABLES = ["hosts", "jobs", "runs"] as const;
export type WatchedTable = typeof WATCHED_TABLES[number];

export interface Changes {
  /**
   * Calls `listener` after each change of one of the tables has been saved; one call may stand for
   * several changes. The listener must not throw, nor wait. Answers what ends the subscription.
   */
  subscribe(
    tables: readonly WatchedTable[],
    listener: (table: WatchedTable) => void,
  ): () => void;
}

export interface LocalChanges extends Changes {
  announce(table: WatchedTable): void;
}

/** Changes that this process has made itself: on SQLite nobody else makes any. */
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

/** Any call of a part of the store. */
type Call = (...args: never[]) => Promise<unknown>;

/** The same part, which announces a change of `table` each time that one of the named calls has been done. */
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
