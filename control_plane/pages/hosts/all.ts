/** Returns all hosts, for choices that need the whole list. */

import type { Host } from "../../../lib/contract/host.ts";
import type { HostStore } from "../../store/hosts/hosts.ts";

const A_PAGE = 200;

export async function allHosts(store: Pick<HostStore, "list">): Promise<readonly Host[]> {
  const all: Host[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list({ limit: A_PAGE, cursor });
    all.push(...page.hosts);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}
