/** Lets callers in: with a key of the account, and no faster than the control plane can bear. */

import type { Clock } from "../../lib/ports.ts";
import type { Problem } from "../../lib/problems/problem.ts";
import { keyMissing, keyUnknown, rateLimited, tooManyWrongKeys } from "../../lib/problems/rest.ts";
import type { AccountStore } from "../store/people/accounts.ts";
import type { KeyOwner } from "../store/mod.ts";
import { hashOfKey } from "./api_key.ts";
import { networkOf } from "./network_of.ts";
import { oneAtATime } from "./one_at_a_time.ts";
import { type BucketPolicy, type BucketState, tokenBuckets } from "./token_buckets.ts";

/** The burst is a thousand jobs made and triggered at once; the rate leaves most of a core to others. */
export const A_KEY: BucketPolicy = { burst: 2_000, perSecond: 100 };
/**
 * All hosts of an account may share one key: 1,000 of them send 100 heartbeats a second, and come back
 * together, twice, after the control plane was away.
 */
const AN_AGENT_KEY: BucketPolicy = { burst: 2_000, perSecond: 500 };
/** A network's wrong keys: some hosts with a revoked one stay below it, whoever guesses does not. */
const WRONG_KEYS: BucketPolicy = { burst: 30, perSecond: 1 };
/** On a Postgres that answers within a millisecond, the last of them waits a fifth of a second. */
export const MOST_WAITING = 200;

export interface Knock {
  /** The request's `Authorization` header. */
  readonly authorization: string | undefined;
  /** IP address of the caller. */
  readonly from: string | undefined;
  /** The answer's headers, whatever it will be: what is left of the limit is told in them. */
  readonly sent: Record<string, string>;
}

/** Throws `unauthenticated`, `rate_limited` and `too_many_wrong_keys`. */
export type Admission = (knock: Knock) => Promise<KeyOwner>;

/**
 * Limits are kept in memory, so each process has its own. Only wrong keys count against a network, as
 * behind a proxy or NAT strangers have the same one as hosts. Once it has sent too many, its next keys
 * are looked up one after the other: a flood of guesses takes one connection to the database.
 */
export function admission(accounts: Pick<AccountStore, "useKey">, clock: Clock): Admission {
  const peoples = tokenBuckets(A_KEY, clock);
  const agents = tokenBuckets(AN_AGENT_KEY, clock);
  const strangers = tokenBuckets(WRONG_KEYS, clock);
  const inTurn = oneAtATime(MOST_WAITING);
  // Of keys that were let in, so they are no more than were made. Where a process wakes for each
  // heartbeat, hashing takes a tenth of its cost.
  const hashes = new Map<string, string>();

  return async ({ authorization, from, sent }) => {
    const key = keyIn(authorization);
    const hash = hashes.get(key) ?? hashOfKey(key);
    const known = [peoples, agents].find((buckets) => buckets.has(hash));
    if (known) spend(known.take(hash), known.policy);

    const owner = await (known ? accounts.useKey(hash, from) : guessed());
    if (!owner) {
      hashes.delete(key);
      known?.forget(hash);
      const charged = strangers.take(network());
      throw charged.ok ? keyUnknown() : tooMany(charged);
    }
    const buckets = owner.kind === "agent" ? agents : peoples;
    if (!known) {
      hashes.set(key, hash);
      spend(buckets.take(hash), buckets.policy);
    }
    return owner;

    function network(): string {
      return networkOf(from ?? "unknown");
    }

    function guessed(): Promise<KeyOwner | undefined> {
      const look = () => accounts.useKey(hash, from);
      const guesses = strangers.look(network());
      const looking = guesses.ok ? look() : inTurn(look);
      if (!looking) throw tooMany(guesses);
      return looking;
    }

    function spend(state: BucketState, policy: BucketPolicy): void {
      tell("key", state, policy);
      if (!state.ok) throw rateLimited(state.waitSeconds, policy.perSecond);
    }

    function tooMany(state: BucketState): Problem {
      tell("wrong-keys", state, WRONG_KEYS);
      return tooManyWrongKeys(state.waitSeconds);
    }

    /** Fields of draft-ietf-httpapi-ratelimit-headers-10: quota and window, what remains and until when. */
    function tell(name: string, state: BucketState, { burst, perSecond }: BucketPolicy): void {
      sent["ratelimit-policy"] = `"${name}";q=${burst};w=${burst / perSecond}`;
      sent["ratelimit"] = `"${name}";r=${state.remaining};t=${state.fullSeconds}`;
      if (!state.ok) sent["retry-after"] = String(state.waitSeconds);
    }
  };
}

function keyIn(authorization: string | undefined): string {
  const key = /^apikey +(\S+)$/i.exec(authorization ?? "")?.[1];
  if (key === undefined) throw keyMissing();
  return key;
}
