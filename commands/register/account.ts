/** Checks the account: both API keys, the owner of the host id, and the account's public key. */

import { type Bigeye } from "../../lib/bigeye/client.ts";
import type { HostMessage } from "../../lib/contract/messages/hosts.ts";
import { hostAlreadyRegistered, hostHasActiveRuns } from "../../lib/problems/records.ts";

export interface AccountClients {
  readonly personal: Bigeye;
  readonly agent: Bigeye;
}

export interface Account {
  readonly hosts: readonly HostMessage[];
  /** PEM, when the account has one. */
  readonly publicKey: string | undefined;
}

/** Verifies both keys, the personal one as an admin's, and reads hosts and public key. */
export async function readAccount(
  { personal, agent }: AccountClients,
  signal: AbortSignal,
): Promise<Account> {
  await personal.verifyPersonalKey(signal);
  await personal.requireAdmin(signal);
  await agent.verifyAgentKey(signal);
  const hosts = await personal.hosts(signal);
  return { hosts, publicKey: await personal.publicKey(signal) };
}

interface Claim {
  readonly hostId: string;
  readonly installationId: string;
  /** `orchestrator.host_id` of this folder, once it is registered. */
  readonly registeredAs: string | undefined;
  readonly replace: boolean;
  readonly personal: Pick<Bigeye, "activeRuns">;
  readonly signal: AbortSignal;
}

/**
 * Checks that this folder may use the host id: as its owner, or with `--replace` while the host has no
 * active runs. Our control plane refuses that too, but only after the account's key pair was changed. Where
 * Bigeye does not say which installation owns a host, the owner is the folder that is registered as it.
 * @throws `host_already_registered` or `host_has_active_runs`.
 */
export async function checkHostIdIsOurs(
  { hosts }: Pick<Account, "hosts">,
  { hostId, installationId, registeredAs, replace, personal, signal }: Claim,
): Promise<void> {
  const holder = hosts.find((host) => host.hostId === hostId);
  if (!holder) return;
  const isOurs = holder.installationId === undefined
    ? registeredAs === hostId
    : holder.installationId === installationId;
  if (isOurs) return;
  if (!replace) throw hostAlreadyRegistered(hostId);
  const active = await personal.activeRuns(hostId, signal);
  if (active.length > 0) throw hostHasActiveRuns(hostId, active);
}
