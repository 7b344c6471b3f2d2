/** The first `bigeye_agent.yml` of a fresh host. */

import { stringify } from "yaml";
import { BATCH_AGENT_TYPES } from "../lib/contract/agent_types.ts";

export interface FreshConfig {
  readonly url: string;
  readonly proxy?: string | undefined;
  readonly caFile?: string | undefined;
}

/** Text of the file; what `register` learns later is put in by it. */
export function freshConfig({ url, proxy, caFile }: FreshConfig): string {
  const bigeye = {
    url,
    ...(proxy === undefined ? {} : { proxy }),
    ...(caFile === undefined ? {} : { ca_file: caFile }),
  };
  return `# Settings of this Bigeye agent host. It is yours to edit: the commands change only the keys
# docker_compose_enabled and orchestrator, and keep your remarks.
${stringify({ bigeye }, { lineWidth: 0 })}
# The agents of this host, one line each: "- type: lineage", and "image: ..." below it to pin one.
# Jobs can be run for ${BATCH_AGENT_TYPES.join(", ")}.
# After a change, run "bigeye-agent sync".
# Files that root puts into agents/<type>/ with mode 0600 are the agent's to read after a sync by root.
agents: []
`;
}
