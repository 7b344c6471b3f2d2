/** Token buckets: a steady rate with room for a burst, for as many names as ask. */

import type { Clock } from "../../lib/ports.ts";

export interface BucketPolicy {
  /** What a full bucket holds. */
  readonly burst: number;
  /** Tokens that come back each second. */
  readonly perSecond: number;
}

export interface BucketState {
  /** False when there was no token left; then none was taken. */
  readonly ok: boolean;
  /** Whole tokens that are left. */
  readonly remaining: number;
  /** Whole seconds until there is a token again; 0 while there is one. */
  readonly waitSeconds: number;
  /** Whole seconds until the bucket is full again. */
  readonly fullSeconds: number;
}

export interface TokenBuckets {
  readonly policy: BucketPolicy;
  /** Whether the name was used of late. */
  has(name: string): boolean;
  /** Takes a token from the bucket of a name. */
  take(name: string): BucketState;
  /** What `take` would find. */
  look(name: string): BucketState;
  forget(name: string): void;
}

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** Beyond it the name used least recently is forgotten: whoever makes up new ones cannot fill the memory. */
const MOST_NAMES = 10_000;

export function tokenBuckets(
  policy: BucketPolicy,
  clock: Pick<Clock, "monotonic">,
): TokenBuckets {
  const { burst, perSecond } = policy;
  const buckets = new Map<string, Bucket>();

  function refilled(name: string, now: number): number {
    const known = buckets.get(name);
    if (!known) return burst;
    return Math.min(burst, known.tokens + (now - known.at) / 1000 * perSecond);
  }

  function keep(name: string, bucket: Bucket): void {
    // Set anew, the name is the last one in the map's order.
    buckets.delete(name);
    buckets.set(name, bucket);
    if (buckets.size <= MOST_NAMES) return;
    const [oldest] = buckets.keys();
    if (oldest !== undefined) buckets.delete(oldest);
  }

  function state(ok: boolean, tokens: number): BucketState {
    return {
      ok,
      remaining: Math.max(0, Math.floor(tokens)),
      waitSeconds: Math.ceil(Math.max(0, 1 - tokens) / perSecond),
      fullSeconds: Math.ceil((burst - tokens) / perSecond),
    };
  }

  return {
    policy,
    has: (name) => buckets.has(name),
    take(name) {
      const at = clock.monotonic();
      const found = refilled(name, at);
      const ok = found >= 1;
      const tokens = ok ? found - 1 : found;
      keep(name, { tokens, at });
      return state(ok, tokens);
    },
    look(name) {
      const tokens = refilled(name, clock.monotonic());
      return state(tokens >= 1, tokens);
    },
    forget: (name) => void buckets.delete(name),
  };
}
