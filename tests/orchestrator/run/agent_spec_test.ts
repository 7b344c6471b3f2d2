/** The body of the container create call. */

import assert from "node:assert/strict";
import { agentCommand, agentSpec } from "../../../orchestrator/run/agent_spec.ts";
import { HOST, orderOf, RUN_ID } from "../world.ts";

Deno.test("the create body has exactly these fields", () => {
  const { Labels, ...body } = agentSpec(orderOf(["tableau", "power-bi"]), HOST);
  const { "com.bigeye.agent.spec": spec = "", ...labels } = Labels;
  assert.match(spec, /^[0-9a-f]{64}$/);
  assert.deepEqual(labels, {
    "com.bigeye.agent.installation": HOST.installationId,
    "com.bigeye.agent.host": "host-1",
    "com.bigeye.agent.run": RUN_ID,
    "com.bigeye.agent.job": "job-1",
    "com.bigeye.agent.type": "lineage",
  });
  assert.deepEqual(body, {
    Image: "fake/lineage:1",
    Cmd: ["lineage", "run", "-c", "tableau", "-c", "power-bi"],
    User: "1000:1000",
    HostConfig: {
      NetworkMode: "bigeye-agent_default",
      Mounts: [
        {
          Type: "bind",
          Source: "/srv/bigeye/agents/lineage",
          Target: "/bigeye/config",
          ReadOnly: true,
        },
        {
          Type: "bind",
          Source: `/srv/bigeye/agent_runs/${RUN_ID}/files`,
          Target: "/bigeye/run",
          ReadOnly: false,
        },
      ],
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Memory: 24 * 1024 ** 3,
      MemorySwap: 24 * 1024 ** 3,
      PidsLimit: 4096,
      LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
      RestartPolicy: { Name: "no" },
      AutoRemove: false,
      Init: true,
    },
  });
});

Deno.test("the spec label changes with the body only", () => {
  const label = (change: Partial<typeof HOST>) =>
    agentSpec(orderOf(["tableau"]), { ...HOST, ...change }).Labels["com.bigeye.agent.spec"];
  const { folder, ...rest } = HOST;
  assert.equal(label({}), label({ ...rest, folder }));
  assert.notEqual(label({}), label({ network: "other" }));
});

Deno.test("each agent type gets the arguments of its own run command", () => {
  const parameters = { connectors: ["sql"], connection_name: "Main DB" };
  assert.deepEqual(
    agentCommand({ agent_type: "external-monitors", parameters }),
    ["external-monitors", "run", "-c", "sql", "-n", "Main DB"],
  );
  assert.deepEqual(
    agentCommand({
      agent_type: "datahealth",
      parameters: { file_name: "a.yml", command: "check" },
    }),
    ["datahealth", "run", "--file-name", "a.yml", "--command", "check"],
  );
});
