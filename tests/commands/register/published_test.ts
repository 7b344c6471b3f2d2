/** `register` and `sync` at a Bigeye that is not this project's control plane. */

import assert from "node:assert/strict";
import { BIGEYE, COMPANY } from "../../fakes/keys/key_pairs.ts";
import { publishedBigeye, type PublishedOptions } from "../../harness/bigeye/published.ts";
import { FOLDER, makeWorld } from "../world.ts";

const LINE = "bigeye-agent register --host-id prod-1";
const ADDRESS = "https://bigeye.test";
const AGENTS = `bigeye: {url: "${ADDRESS}"}
agents:
- type: lineage
`;

async function scene(options: Partial<PublishedOptions> = {}, config = AGENTS) {
  const bigeye = publishedBigeye({ publicKey: BIGEYE.publicPem, ...options });
  const texts = { [`${FOLDER}/bigeye_agent.yml`]: config };
  const world = await makeWorld({ texts, bigeye: bigeye.answer });
  const env = {
    BIGEYE_PERSONAL_API_KEY: bigeye.keys.admin,
    BIGEYE_AGENT_API_KEY: bigeye.keys.agent,
  };
  const configNow = () => world.files.snapshot()[`${FOLDER}/bigeye_agent.yml`]?.text;
  return { bigeye, world, env, configNow };
}

Deno.test("a host registers with the published calls alone, and dials Bigeye's usual Temporal", async () => {
  const { bigeye, world, env, configNow } = await scene();
  await using _ = world;
  const { code, said, noted } = await world.run(LINE, { env });
  assert.equal(code, 0, noted.join("\n"));
  assert.deepEqual(said, ['Host "prod-1" is registered, and its stack is healthy']);
  assert.deepEqual(bigeye.calls, [
    "GET /api/v1/personal-api-keys/verify 204",
    "GET /api/v1/agent-api-keys 200",
    "GET /api/v1/agent-api-keys/verify 204",
    "GET /api/v1/agent-orchestrator/hosts 200",
    // Only this project's control plane lets the company's key be read.
    "GET /api/v2/agent/public-key 404",
    "GET /api/v1/agent/public-key 404",
    "PUT /api/v2/agent/public-key 200",
    "GET /api/v2/agent/public-key/bigeye 200",
    "POST /api/v1/agent-orchestrator/register 200",
  ]);
  assert.deepEqual(bigeye.hosts.get("prod-1")?.managedAgents, ["MANAGED_AGENT_TYPE_LINEAGE_PLUS"]);
  assert.equal(bigeye.companyKey(), COMPANY.publicPem);
  assert.equal(
    configNow(),
    `${AGENTS}docker_compose_enabled: true
orchestrator:
  host_id: prod-1
  temporal: { address: bigeye-workflows.test:443, namespace: default, server_name: bigeye-workflows.test, sign_in: agent_api_key }
  host_report: false
`,
  );
});

Deno.test("a Bigeye with the first version of the keys' paths alone is asked there", async () => {
  const { bigeye, world, env } = await scene({ hasSecondVersion: false });
  await using _ = world;
  assert.equal((await world.run(LINE, { env })).code, 0);
  assert.deepEqual(bigeye.calls.filter((call) => call.includes("/agent/")), [
    "GET /api/v2/agent/public-key 404",
    "GET /api/v1/agent/public-key 404",
    "PUT /api/v2/agent/public-key 404",
    "PUT /api/v1/agent/public-key 200",
    "GET /api/v2/agent/public-key/bigeye 404",
    "GET /api/v1/agent/public-key/bigeye 200",
  ]);
});

Deno.test("registering again changes nothing, and another folder cannot take the host id", async () => {
  const { bigeye, world, env, configNow } = await scene();
  await using _ = world;
  await world.run(LINE, { env });
  const before = [configNow(), bigeye.hosts.get("prod-1")];
  assert.equal((await world.run("bigeye-agent register", { env })).code, 0);
  assert.deepEqual([configNow(), bigeye.hosts.get("prod-1")], before);

  const texts = { [`${FOLDER}/bigeye_agent.yml`]: AGENTS };
  await using other = await makeWorld({ texts, bigeye: bigeye.answer });
  const { code, noted } = await other.run(LINE, { env });
  assert.equal(code, 5);
  assert(noted.includes("error: Host is already registered"), noted.join("\n"));
});

Deno.test("sync sends the changed agents with an admin's key, and says that the agent key does not do", async () => {
  const { bigeye, world, env, configNow } = await scene();
  await using _ = world;
  await world.run(LINE, { env });
  const changed = (configNow() ?? "").replace("- type: lineage", "- type: datahealth");
  await world.files.writeText(`${FOLDER}/bigeye_agent.yml`, changed, { mode: 0o600 });
  const refused = await world.run("bigeye-agent sync");
  assert.equal(refused.code, 4);
  assert(
    refused.noted.includes(
      " hint: Run the same command with an admin's key, as in --personal-key-file admin.key",
    ),
    refused.noted.join("\n"),
  );
  await world.files.writeText(`${FOLDER}/admin.key`, bigeye.keys.admin, { mode: 0o600 });
  const { code, said } = await world.run("bigeye-agent sync --personal-key-file admin.key");
  assert.deepEqual([code, said], [0, ['Bigeye has host "prod-1" with datahealth']]);
  assert.deepEqual(bigeye.hosts.get("prod-1")?.managedAgents, ["MANAGED_AGENT_TYPE_DATAHEALTH"]);
});

Deno.test("--dry-run shows what would be dialed, and sends no change", async () => {
  const own = `${AGENTS}orchestrator:
  temporal: {address: "temporal.test:7233", namespace: mine}
`;
  for (
    const [config, dialed] of [
      [
        AGENTS,
        "or else bigeye-workflows.test:443, namespace default, TLS as bigeye-workflows.test, with the Agent API Key",
      ],
      [own, "or else temporal.test:7233, namespace mine, without TLS"],
    ] as const
  ) {
    const { bigeye, world, env } = await scene({}, config);
    await using _ = world;
    const { said } = await world.run(`${LINE} --dry-run`, { env });
    assert.equal(
      said.find((line) => line.startsWith("would dial")),
      `would dial the Temporal that Bigeye's answer names, ${dialed}`,
    );
    assert.deepEqual(bigeye.calls.filter((call) => !call.startsWith("GET ")), []);
  }
});

Deno.test("a member's key is refused before anything is changed", async () => {
  const { bigeye, world, env } = await scene();
  await using _ = world;
  const member = { ...env, BIGEYE_PERSONAL_API_KEY: bigeye.keys.member };
  const { code, noted } = await world.run(LINE, { env: member });
  assert.deepEqual([code, noted.at(-1)], [4, " code: admin_key_required"]);
  assert.deepEqual(bigeye.calls.filter((call) => !call.startsWith("GET ")), []);
});
