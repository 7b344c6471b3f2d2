/** Agent keys from one request to the next: hosts send the same one all the time. */

import type { KeyOwner } from "./accounts.ts";

/**
 * For a process that has the database to itself, as only that one knows of every key that is removed.
 */
export interface KeptKeys {
  /**
   * By the key's hash. To be taken before the database is asked: what was read before a removal is then
   * kept where nobody looks any more.
   */
  owners: Map<string, KeptKey>;
}

interface KeptKey {
  readonly owner: KeyOwner;
  /** When its use is to be noted again, milliseconds since the epoch. */
  readonly until: number;
}

export function keptKeys(): KeptKeys {
  return { owners: new Map() };
}

/** To be called when a key may have been removed: of a commit that failed nobody knows. */
export function forgetKeys(kept: KeptKeys): void {
  kept.owners = new Map();
}
