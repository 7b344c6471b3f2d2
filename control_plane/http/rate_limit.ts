/** Rate limits: token buckets by name, a serial queue, and the network of an IP address. */

import type { Clock } from "../../lib/ports.ts";

export interface BucketPolicy {
  /** Capacity of a bucket. */
  readonly burst: number;
  /** Tokens added per second. */
  readonly perSecond: number;
}

export interface BucketState {
  /** False if no token was left; then none was taken. */
  readonly ok: boolean;
  /** Whole tokens left. */
  readonly remaining: number;
  /** Whole seconds until the next token; 0 if there is one. */
  readonly waitSeconds: number;
  /** Whole seconds until the bucket is full again. */
  readonly fullSeconds: number;
}

export interface TokenBuckets {
  readonly policy: BucketPolicy;
  /** Reports whether the name has a bucket. */
  has(name: string): boolean;
  /** Takes a token from the bucket of a name. */
  take(name: string): BucketState;
  /** Returns the state without taking a token. */
  look(name: string): BucketState;
  forget(name: string): void;
}

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** Limit of names; beyond it the least recently used is dropped, so that invented names cannot fill memory. */
const MAX_NAMES = 10_000;

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
    // Re-inserting moves the name to the end of the map's order.
    buckets.delete(name);
    buckets.set(name, bucket);
    if (buckets.size <= MAX_NAMES) return;
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

/** Runs work one at a time; returns `undefined` if the queue is full. */
export type SerialQueue = <T>(work: () => Promise<T>) => Promise<T> | undefined;

/**
 * Creates a queue that starts each work item when the previous one has settled. It returns `undefined`, and
 * starts nothing, if `most` items are queued or running.
 */
export function serialQueue(most: number): SerialQueue {
  let last: Promise<unknown> = Promise.resolve();
  let count = 0;
  return (work) => {
    if (count >= most) return undefined;
    count++;
    const done = last.then(work).finally(() => count--);
    last = done.catch(() => {});
    return done;
  };
}

/**
 * Returns the rate-limit key of an IP address: an IPv4 address itself, or the /64 of an IPv6 address,
 * because an IPv6 customer has at least a /64. Any other text is returned as it is.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = (address.split("%")[0] ?? "").toLowerCase().split("::");
  const front = groupsOf(head);
  const back = groupsOf(tail ?? "");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const groups = [...front, ...Array<string>(zeros).fill("0"), ...back];
  return `${groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}

const groupsOf = (text: string): string[] => text === "" ? [] : text.split(":");
