/** Provides the account's only key pair: reuses the existing one or creates the first. */

import type { HostPaths } from "../../lib/config/host_paths.ts";
import { publicPemOf, samePublicKey } from "../../lib/crypto/keys.ts";
import { keysNotOfAccount, keysOnOtherHosts } from "../../lib/problems/keys.ts";
import type { Tools } from "../context.ts";
import type { Account, AccountClients } from "./account.ts";

/**
 * Reuse the pair in `agent_config/`, or create one. `isRegistered`: the account has this public key.
 * `isFirst`: the account has no public key, so that the new one must not replace any.
 */
export type KeyPairPlan =
  | { readonly kind: "reuse"; readonly publicPem: string; readonly isRegistered: boolean }
  | { readonly kind: "make"; readonly isFirst: boolean };

export interface KeyPairFacts extends Account {
  readonly hostId: string;
  /** PEM of `agent_config/private.pem`, when it is there. */
  readonly privatePem: string | undefined;
}

/** Plans the key pair. @throws `keys_on_other_hosts` or `keys_not_of_account` if other hosts use another pair. */
export async function planKeyPair(facts: KeyPairFacts, paths: HostPaths): Promise<KeyPairPlan> {
  const { hosts, hostId, privatePem, publicKey } = facts;
  if (privatePem === undefined) {
    const others = hosts.map((host) => host.hostId).filter((id) => id !== hostId);
    if (others.length > 0) throw keysOnOtherHosts(paths.folder, others);
    return { kind: "make", isFirst: publicKey === undefined };
  }
  const publicPem = await publicPemOf(privatePem);
  if (publicKey === undefined) return { kind: "reuse", publicPem, isRegistered: false };
  if (!samePublicKey(publicPem, publicKey)) throw keysNotOfAccount(paths.privateKey);
  return { kind: "reuse", publicPem, isRegistered: true };
}

/**
 * Carries out the plan and downloads Bigeye's public key. A new pair is registered before it is written. If
 * the command stops in between, the next call finds neither a pair nor another host, and creates a new pair.
 * @throws `public_key_already_set` if another host registered its key in the seconds that creation takes.
 */
export async function provisionKeys(
  plan: KeyPairPlan,
  paths: HostPaths,
  needs:
    & Pick<Tools, "files" | "newKeyPair" | "stop" | "terminal">
    & Pick<AccountClients, "personal">,
): Promise<void> {
  const { files, newKeyPair, personal, stop, terminal } = needs;
  if (plan.kind === "make") terminal.note("      creating a 4096-bit RSA key pair");
  const pair = plan.kind === "make" ? await newKeyPair() : undefined;
  const publicPem = plan.kind === "reuse" ? plan.publicPem : pair?.publicPem ?? "";
  const isRegistered = plan.kind === "reuse" && plan.isRegistered;
  const isFirst = plan.kind === "make" && plan.isFirst;
  if (!isRegistered) await personal.setPublicKey(publicPem, { isFirst, signal: stop });
  if (pair) await files.writeText(paths.privateKey, pair.privatePem, { mode: 0o600 });
  await files.writeText(paths.publicKey, publicPem, { mode: 0o600 });
  await files.writeText(paths.bigeyeKey, await personal.bigeyePublicKey(stop), { mode: 0o600 });
}
