/** Creates the demo's three jobs, and the configuration that an operator would put on the host. */

import type { Job } from "../../lib/contract/job.ts";
import type { Scene } from "../../tests/harness/scene/scene.ts";

export interface DemoJobs {
  readonly summary: Job;
  readonly lineage: Job;
  readonly monitors: Job;
}

/** Creates one job of each batch agent type over REST. */
export async function createJobs({ rest, host: { hostId: host_id } }: Scene): Promise<DemoJobs> {
  return {
    summary: await rest.createJob({
      name: "Nightly summary",
      host_id,
      agent_type: "datahealth",
      parameters: { file_name: "nightly.properties" },
    }),
    lineage: await rest.createJob({
      name: "Warehouse lineage",
      host_id,
      agent_type: "lineage",
      parameters: { connectors: ["snowflake", "tableau"] },
    }),
    monitors: await rest.createJob({
      name: "dbt tests",
      host_id,
      agent_type: "external-monitors",
      parameters: { connectors: ["dbt"] },
    }),
  };
}

const SNOWFLAKE = `environment.name.1=prod
standin.errors.1=ERROR role REPORTING may not read ACCOUNT_USAGE|ERROR 0 of 412 views read
environment.name.2=finance
`;
const TABLEAU = `environment.name.1=dashboards
standin.errors.1=ERROR sign-in refused: token expired|ERROR sign-in refused: token expired
`;
const DBT = `environment.name.1=core
standin.seconds.1=600
`;

/** Writes connector files as Bigeye's agents read them. The `standin.` keys control the stand-in. */
export async function configureAgents({ host }: Scene): Promise<void> {
  await host.configure("datahealth", "nightly.properties", "standin.seconds=1\n");
  await host.configure("lineage", "snowflake.properties", SNOWFLAKE);
  await host.configure("lineage", "tableau.properties", TABLEAU);
  await host.configure("external-monitors", "dbt.properties", DBT);
}
