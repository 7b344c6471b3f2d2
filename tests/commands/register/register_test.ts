/** `register` with the real control plane: its calls in the documented order, and the files on the host. */

import assert from "node:assert/strict";
import { verifyOnDisk } from "../../../boundary/verify.ts";
import { FOLDER, makeWorld, type World } from "../world.ts";

const URL = "https://bigeye.test";

function environment({ plane }: World, as: "admin" | "member" = "admin") {
  const { keys } = plane;
  return {
    BIGEYE_URL: URL,
    BIGEYE_PERSONAL_API_KEY: keys[as],
    BIGEYE_AGENT_API_KEY: keys.agent,
  };
}

const textOf = (world: World, path: string): string =>
  world.files.snapshot()[`${FOLDER}/${path}`]?.text ?? "";

Deno.test("a new host is registered, and its files have the right content, modes and owners", async () => {
  await using world = await makeWorld();
  const env = environment(world);
  const ended = await world.run("bigeye-agent register --host-id prod-1", { env });
  assert.deepEqual(ended, {
    code: 0,
    said: ['Host "prod-1" is registered and online'],
    noted: [
      "ok    Docker Compose 2.26.1, Docker Engine 20.10.24",
      `ok    both API keys, the personal one an admin's, at ${URL}`,
      'ok    host id "prod-1"',
      "      creating a 4096-bit RSA key pair",
      "ok    key pair created",
      "ok    registered, task queue bigeye-agent-host-prod-1",
      "ok    bigeye_agent.yml and docker-compose.bigeye.yml written",
      "      starting the stack; missing images are pulled first",
      'It has no agents yet: name them in bigeye_agent.yml, then run "bigeye-agent sync"',
    ],
  });
  const owners = Object.entries(world.files.snapshot())
    .filter(([path]) => path.startsWith(FOLDER))
    .map(([path, { owned }]) => `${owned} ${path.slice(FOLDER.length + 1)}`);
  assert.deepEqual(owners, [
    "700 1000:1000 .bigeye/",
    "600 1000:1000 .bigeye/installation",
    "644 1000:1000 .keep",
    "700 1000:1000 agent_config/",
    "600 1000:1000 agent_config/agent_api_key",
    "600 1000:1000 agent_config/bigeye.pem",
    "600 1000:1000 agent_config/private.pem",
    "600 1000:1000 agent_config/public.pem",
    "700 1000:1000 agent_runs/",
    "700 1000:1000 agents/",
    "600 1000:1000 bigeye_agent.yml",
    "644 1000:1000 docker-compose.bigeye.yml",
  ]);
  assert.equal(
    textOf(world, "bigeye_agent.yml"),
    `# Settings of this Bigeye agent host. You may edit this file: the commands change only the keys
# docker_compose_enabled and orchestrator, and keep your comments.
bigeye:
  url: ${URL}

# The agents of this host, one line each: "- type: lineage". Add "image: ..." below it to pin an image.
# Jobs can be run for lineage, datahealth, external-monitors.
# After a change, run "bigeye-agent sync".
# The agent can read files that root puts into agents/<type>/ with mode 0600 after root runs a sync.
agents: []
docker_compose_enabled: true
orchestrator:
  host_id: prod-1
  temporal: { address: temporal.test:7233, namespace: default }
  host_report: true
`,
  );
});

Deno.test("register makes the documented calls in the documented order", async () => {
  await using world = await makeWorld();
  await world.run("bigeye-agent register --host-id prod-1", { env: environment(world) });
  assert.deepEqual(world.calls, [
    "GET /api/v1/personal-api-keys/verify",
    "GET /api/v1/agent-api-keys",
    "GET /api/v1/agent-api-keys/verify",
    "GET /api/v1/agent-orchestrator/hosts",
    "GET /api/v2/agent/public-key",
    "GET /api/v1/agent/public-key",
    "PUT /api/v2/agent/public-key",
    "GET /api/v2/agent/public-key/bigeye",
    "POST /api/v1/agent-orchestrator/register",
    "GET /api/v1/agent-orchestrator/hosts",
  ]);
  assert.deepEqual(world.docker.ran, [
    "docker compose version --short",
    "docker info --format {{.ServerVersion}}",
    "compose up --detach",
    "compose ps --all --format json",
  ]);
});

Deno.test("credentials for Temporal are stored, and sync renews them and removes those no longer used", async () => {
  await using world = await makeWorld();
  const env = environment(world);
  const credentials = () =>
    Object.entries(world.files.snapshot())
      .filter(([path]) => /(client|ca)\.pem$|temporal_api_key$/.test(path))
      .map(([path, { owned, text }]) => `${owned} ${path.slice(FOLDER.length + 1)} ${text}`);
  await world.run("bigeye-agent register --host-id tls-1", { env });
  const kept = [
    "644 1000:1000 agent_config/ca.pem CA PEM",
    "600 1000:1000 agent_config/client.pem client PEM",
  ];
  assert.deepEqual(credentials(), kept);
  await world.files.writeText(`${FOLDER}/agent_config/client.pem`, "old", { mode: 0o600 });
  await world.files.writeText(`${FOLDER}/agent_config/temporal_api_key`, "old", { mode: 0o600 });
  assert.equal((await world.run("bigeye-agent sync", { env })).code, 0);
  assert.deepEqual(credentials(), kept);
});

Deno.test("serve accepts the compose file that register writes", async () => {
  await using world = await makeWorld();
  await world.run("bigeye-agent register --host-id prod-1", { env: environment(world) });
  await verifyOnDisk(world.files, FOLDER);
});

Deno.test("register keeps the operator's text in bigeye_agent.yml, and registers its agents", async () => {
  const mine =
    `# mine\nbigeye: {url: "${URL}"}  # ours\n\nagents:\n- type: lineage  # nightly\n- type: sds\n`;
  await using world = await makeWorld({ texts: { [`${FOLDER}/bigeye_agent.yml`]: mine } });
  const { code } = await world.run("bigeye-agent register --host-id prod-1", {
    env: { ...environment(world), BIGEYE_URL: "" },
  });
  assert.equal(code, 0);
  assert.equal(
    textOf(world, "bigeye_agent.yml"),
    `${mine}docker_compose_enabled: true
orchestrator:
  host_id: prod-1
  temporal: { address: temporal.test:7233, namespace: default }
  host_report: true
`,
  );
  assert("/srv/bigeye/agents/lineage/" in world.files.snapshot());
  const { body } = await world.plane.call("GET", "/api/v1/agent-orchestrator/hosts");
  assert.deepEqual(body.hosts[0].managedAgents, [
    "MANAGED_AGENT_TYPE_LINEAGE_PLUS",
    "MANAGED_AGENT_TYPE_SENSITIVE_DATA",
  ]);
});

Deno.test("registering the same host again changes nothing", async () => {
  await using world = await makeWorld();
  const env = environment(world);
  await world.run("bigeye-agent register --host-id prod-1", { env });
  const before = world.files.snapshot();
  const { code, noted } = await world.run("bigeye-agent register", { env });
  assert.equal(code, 0);
  assert(noted.includes("ok    key pair reused"));
  assert.equal(noted.some((line) => line.includes("making")), false);
  assert.deepEqual(world.files.snapshot(), before);
});

Deno.test("--dry-run changes nothing on the host or in Bigeye", async () => {
  await using world = await makeWorld();
  const before = world.files.snapshot();
  const { code, said } = await world.run(
    "bigeye-agent register --host-id prod-1 --dry-run --json",
    {
      env: environment(world),
    },
  );
  assert.equal(code, 0);
  assert.equal(JSON.parse(said.join("\n")).dry_run, true);
  assert.deepEqual(world.files.snapshot(), before);
  assert.deepEqual(world.calls.filter((call) => !call.startsWith("GET ")), []);
  assert.equal(world.docker.ran.includes("compose up --detach"), false);
});

Deno.test("when root registers, the stack's files belong to an unprivileged user", async () => {
  await using world = await makeWorld({ uid: 0 });
  const { code } = await world.run("bigeye-agent register --host-id prod-1", {
    env: environment(world),
  });
  assert.equal(code, 0);
  const snapshot = world.files.snapshot();
  assert.equal(snapshot[`${FOLDER}/agent_config/private.pem`]?.owned, "600 65532:65532");
  assert.equal(snapshot[`${FOLDER}/bigeye_agent.yml`]?.owned, "644 0:0");
  assert.match(textOf(world, "docker-compose.bigeye.yml"), /user: 65532:65532/);
});

Deno.test("on a terminal register asks for missing values", async () => {
  await using world = await makeWorld();
  const { keys } = world.plane;
  const { code } = await world.run("bigeye-agent register", {
    answers: ["prod-1", URL, "", "", keys.admin, keys.agent],
  });
  assert.equal(code, 0);
  assert.equal(textOf(world, "agent_config/agent_api_key"), `${keys.agent}\n`);
});

Deno.test("on a terminal register asks for a missing address and shows the default", async () => {
  await using world = await makeWorld({ texts: { [`${FOLDER}/bigeye_agent.yml`]: "# mine\n" } });
  const { keys } = world.plane;
  const asked: string[] = [];
  const { code } = await world.run("bigeye-agent register --host-id prod-1", {
    env: { BIGEYE_PERSONAL_API_KEY: keys.admin, BIGEYE_AGENT_API_KEY: keys.agent },
    answers: [URL],
    onQuestion: (message) => asked.push(message),
  });
  assert.deepEqual([code, asked], [0, [
    "Address of Bigeye or of your control plane (Enter for https://app.bigeye.com)",
  ]]);
});

Deno.test("keys are read from a file and from standard input", async () => {
  await using world = await makeWorld();
  const { keys } = world.plane;
  await world.files.writeText(`${FOLDER}/agent.key`, `${keys.agent}\n`);
  const { code } = await world.run(
    "bigeye-agent register --host-id prod-1 --personal-key-file - --agent-key-file agent.key",
    { input: `${keys.admin}\n`, env: { BIGEYE_URL: URL } },
  );
  assert.equal(code, 0);
});

Deno.test("no key is printed, and the personal key is not stored", async () => {
  // Attacker: reads the operator's screen, collected logs, or the folder.
  await using world = await makeWorld();
  const env = environment(world);
  const first = await world.run("bigeye-agent register --host-id prod-1 --debug", { env });
  world.docker.answer("compose up", { code: 1, stderr: "boom" });
  const second = await world.run("bigeye-agent register --json --debug", { env });
  const printed = [first, second].flatMap(({ said, noted }) => [...said, ...noted]).join("\n");
  const { admin, agent } = world.plane.keys;
  assert.equal(printed.includes(admin) || printed.includes(agent), false);
  const texts = Object.values(world.files.snapshot()).map(({ text }) => text ?? "");
  assert.equal(texts.some((text) => text.includes(admin)), false);
  assert.equal(texts.filter((text) => text.includes(agent)).length, 1);
  assert.equal(world.docker.ran.join("\n").includes(agent), false);
});
