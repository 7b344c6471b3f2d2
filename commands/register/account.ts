/** What the account says: whether the keys are good, who owns the host id, which key pair it has. */

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

/** Verifies both keys, the personal one as an admin's, and reads what the next steps decide upon. */
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
 * The owner may use its id again; anybody else only with `--replace`, and not while the host has runs.
 * Bigeye refuses that as well, but by then the account's key pair would be another one.
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
