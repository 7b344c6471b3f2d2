/** Authenticates callers by API key, limits their rate, and decides what they may do. */

import { hash } from "node:crypto";
import { Secret } from "../../lib/crypto/secret.ts";
import type { Clock } from "../../lib/ports.ts";
import type { Problem } from "../../lib/problems/problem.ts";
import {
  adminKeyRequired,
  keyKindRefused,
  keyMissing,
  keyUnknown,
  rateLimited,
  tooManyWrongKeys,
} from "../../lib/problems/rest.ts";
import type { Actor, KeyOwner } from "../store/mod.ts";
import type { AccountStore } from "../store/people/accounts.ts";
import type { KeyKind } from "../store/tables.ts";
import {
  type BucketPolicy,
  type BucketState,
  networkOf,
  serialQueue,
  tokenBuckets,
} from "./rate_limit.ts";

/** The burst allows creating and triggering a thousand jobs at once; the rate leaves most of a core free. */
export const KEY_POLICY: BucketPolicy = { burst: 2_000, perSecond: 100 };
/**
 * All hosts of an account may share one key: 1,000 of them send 100 heartbeats a second, and all
 * reconnect at once after the control plane was down.
 */
const AGENT_KEY_POLICY: BucketPolicy = { burst: 2_000, perSecond: 500 };
/** Unknown keys from one network: some hosts with a revoked key stay below the limit, a guesser does not. */
const UNKNOWN_KEY_POLICY: BucketPolicy = { burst: 30, perSecond: 1 };
/** Queue for lookups of a limited network. If Postgres answers within 1 ms, the last one waits 0.2 s. */
export const MAX_QUEUED_LOOKUPS = 200;

export interface Credentials {
  /** The request's `Authorization` header. */
  readonly authorization: string | undefined;
  /** The caller's IP address. */
  readonly from: string | undefined;
  /** Headers of the response, whatever its status; receives the rate-limit fields. */
  readonly sent: Record<string, string>;
}

/** @throws `unauthenticated`, `rate_limited`, `too_many_wrong_keys`. */
export type Admission = (credentials: Credentials) => Promise<KeyOwner>;

/**
 * Creates the check of API keys. Limits are kept in memory, so each process has its own. Only unknown keys
 * count against a network, because hosts may share a NAT or proxy with others. Beyond the limit, the
 * network's keys are looked up one at a time, so a flood of guesses uses one database connection.
 */
export function admission(accounts: Pick<AccountStore, "useKey">, clock: Clock): Admission {
  const otherKeys = tokenBuckets(KEY_POLICY, clock);
  const agentKeys = tokenBuckets(AGENT_KEY_POLICY, clock);
  const unknownKeys = tokenBuckets(UNKNOWN_KEY_POLICY, clock);
  const queued = serialQueue(MAX_QUEUED_LOOKUPS);
  // Caches hashes of valid keys only, so it is bounded by the number of keys. Hashing would be a tenth of
  // a heartbeat's cost.
  const hashes = new Map<string, string>();

  return async ({ authorization, from, sent }) => {
    const key = keyIn(authorization);
    const hash = hashes.get(key) ?? hashOfKey(key);
    const known = [otherKeys, agentKeys].find((buckets) => buckets.has(hash));
    if (known) spend(known.take(hash), known.policy);

    const owner = await (known ? accounts.useKey(hash, from) : lookUpUnknown());
    if (!owner) {
      hashes.delete(key);
      known?.forget(hash);
      const charged = unknownKeys.take(network());
      throw charged.ok ? keyUnknown() : tooMany(charged);
    }
    const buckets = owner.kind === "agent" ? agentKeys : otherKeys;
    if (!known) {
      hashes.set(key, hash);
      spend(buckets.take(hash), buckets.policy);
    }
    return owner;

    function network(): string {
      return networkOf(from ?? "unknown");
    }

    function lookUpUnknown(): Promise<KeyOwner | undefined> {
      const look = () => accounts.useKey(hash, from);
      const guesses = unknownKeys.look(network());
      const looking = guesses.ok ? look() : queued(look);
      if (!looking) throw tooMany(guesses);
      return looking;
    }

    function spend(state: BucketState, policy: BucketPolicy): void {
      tell("key", state, policy);
      if (!state.ok) throw rateLimited(state.waitSeconds, policy.perSecond);
    }

    function tooMany(state: BucketState): Problem {
      tell("wrong-keys", state, UNKNOWN_KEY_POLICY);
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

/** Bigeye documents `bigeye_pak_`; the other prefixes are ours. Prefixes are never checked. */
const PREFIXES: Readonly<Record<KeyKind, string>> = {
  personal: "bigeye_pak_",
  agent: "bigeye_aak_",
  integration: "bigeye_iak_",
};
const KEY_BYTES = 32;

export interface NewApiKey {
  readonly key: Secret;
  readonly hash: string;
}

export function newApiKey(kind: KeyKind): NewApiKey {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const key = PREFIXES[kind] + bytes.toBase64({ alphabet: "base64url", omitPadding: true });
  return { key: new Secret(key), hash: hashOfKey(key) };
}

/**
 * Hashes a key with SHA-256 to 64 hexadecimal digits. A slow hash is not needed, because 256 random bits
 * cannot be guessed, and every request would pay for it. The lookup's time reveals nothing about the key,
 * because a guess does not control its hash. WebCrypto is not used: it hands each digest to another
 * thread, which took 2 ms on a busy machine.
 */
export function hashOfKey(key: string): string {
  return hash("sha256", key, "hex");
}

/** Who may call a route. "personal" is any user's key; an admin's key may do everything. */
export type Who = "anyone" | "any_key" | "personal" | "admin" | "agent_or_admin";

/** Returns the actor for the audit list. Calls without a key change nothing, so "nobody" is never recorded. */
export function actorOf(caller: KeyOwner | undefined, from: string | undefined): Actor {
  const where = from === undefined ? {} : { from };
  if (!caller) return { name: "nobody", ...where };
  const { keyId } = caller;
  if (caller.kind !== "personal") return { name: caller.name, keyId, ...where };
  return { name: caller.user.name, userId: caller.user.id, keyId, ...where };
}

/**
 * Checks that the caller may perform `action`, which completes the sentence "Cannot …".
 * @throws `admin_key_required`, `key_kind_refused`.
 */
export function authorize(caller: KeyOwner, { who, action }: { who: Who; action: string }): void {
  if (who === "anyone" || who === "any_key" || isAdmin(caller)) return;
  if (who === "personal") {
    if (caller.kind === "personal") return;
    throw keyKindRefused(action, "a Personal API Key");
  }
  if (who === "agent_or_admin" && caller.kind !== "personal") {
    if (caller.kind === "agent") return;
    throw keyKindRefused(action, "an Agent API Key");
  }
  throw adminKeyRequired(action);
}

export function isAdmin(caller: KeyOwner | undefined): boolean {
  return caller?.kind === "personal" && caller.user.role === "admin";
}
