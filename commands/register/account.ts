/** Checks the account: both API keys, the owner of the host id, and the account's public key. */

import { type Bigeye } from "../../lib/bigeye/client.ts";
import type { Host } from "../../lib/contract/host.ts";
import { keyNotAdmin } from "../../lib/problems/bigeye.ts";
import { hostAlreadyRegistered, hostHasActiveRuns } from "../../lib/problems/records.ts";

export interface AccountClients {
  readonly personal: Bigeye;
  readonly agent: Bigeye;
}

export interface Account {
  readonly hosts: readonly Host[];
  /** PEM, when the account has one. */
  readonly publicKey: string | undefined;
}

/** Verifies both keys, the personal one as an admin's, and reads hosts and public key. */
export async function readAccount(
  { personal, agent }: AccountClients,
  signal: AbortSignal,
): Promise<Account> {
  await personal.verifyPersonalKey(signal);
  const me = await personal.me(signal);
  if (me.role !== "admin") throw keyNotAdmin(me.name);
  await agent.verifyAgentKey(signal);
  const hosts = await personal.hosts(signal);
  return { hosts, publicKey: await personal.publicKey(signal) };
}

interface Claim {
  readonly hostId: string;
  readonly installationId: string;
  readonly replace: boolean;
  readonly personal: Pick<Bigeye, "activeRuns">;
  readonly signal: AbortSignal;
}

/**
 * Checks that this installation may use the host id: as its owner, or with `--replace` while the host has no
 * active runs. Bigeye refuses that too, but only after the account's key pair was changed.
 * @throws `host_already_registered` or `host_has_active_runs`.
 */
export async function checkHostIdIsOurs(
  { hosts }: Pick<Account, "hosts">,
  { hostId, installationId, replace, personal, signal }: Claim,
): Promise<void> {
  const holder = hosts.find(({ host_id }) => host_id === hostId);
  if (!holder || holder.installation_id === installationId) return;
  if (!replace) throw hostAlreadyRegistered(hostId);
  const active = await personal.activeRuns(hostId, signal);
  if (active.length > 0) throw hostHasActiveRuns(hostId, active);
}
