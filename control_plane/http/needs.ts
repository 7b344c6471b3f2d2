/** What REST and pages are given: the store and what their changes reach. */

import type { HostCredentials, TemporalTarget } from "../../lib/contract/host.ts";
import type { Clock, Log } from "../../lib/ports.ts";
import type { Store } from "../store/mod.ts";

export interface HttpNeeds {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Called after each change that the dispatcher must act on. */
  readonly dispatch: { wake(): void };
  readonly account: { readonly publicPem: string };
  /** Where hosts reach Temporal. */
  readonly temporal: Omit<TemporalTarget, "taskQueue">;
  /** Returns what a host needs to connect to Temporal. @throws `company_key_missing`. */
  readonly hostCredentials: (hostId: string) => Promise<HostCredentials>;
}

/** The connection's peer; pass it as the second argument of `fetch`. */
export interface Connection {
  /** The peer's IP address. */
  readonly remoteAddress?: string;
}
