/** The first `bigeye_agent.yml` of a fresh host. */

import { stringify } from "yaml";
import { BATCH_AGENT_TYPES } from "../lib/contract/agent_types.ts";

export interface FreshConfig {
  readonly url: string;
  readonly proxy?: string | undefined;
  readonly caFile?: string | undefined;
}

/** Returns the text of the file; `register` adds to it what it learns later. */
export function freshConfig({ url, proxy, caFile }: FreshConfig): string {
  const bigeye = {
    url,
    ...(proxy === undefined ? {} : { proxy }),
    ...(caFile === undefined ? {} : { ca_file: caFile }),
  };
  return `# Settings of this Bigeye agent host. You may edit this file: the commands change only the keys
# docker_compose_enabled and orchestrator, and keep your comments.
${stringify({ bigeye }, { lineWidth: 0 })}
# The agents of this host, one line each: "- type: lineage". Add "image: ..." below it to pin an image.
# Jobs can be run for ${BATCH_AGENT_TYPES.join(", ")}.
# After a change, run "bigeye-agent sync".
# The agent can read files that root puts into agents/<type>/ with mode 0600 after root runs a sync.
agents: []
`;
}
