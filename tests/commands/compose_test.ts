/** The compose commands: what they run, print and refuse. */

import assert from "node:assert/strict";
import { FOLDER, makeWorld, type World } from "./world.ts";

const AGENTS = `agents:
- type: lineage
- type: source
- {type: datahealth, image: registry.test/datahealth:7}
`;

async function registered(config?: string): Promise<World> {
  const world = await makeWorld(
    config === undefined ? {} : { texts: { [`${FOLDER}/bigeye_agent.yml`]: config } },
  );
  const { keys } = world.plane;
  const { code } = await world.run("bigeye-agent register --host-id prod-1", {
    env: {
      BIGEYE_URL: "https://bigeye.test",
      BIGEYE_PERSONAL_API_KEY: keys.admin,
      BIGEYE_AGENT_API_KEY: keys.agent,
    },
  });
  assert.equal(code, 0);
  return world;
}

async function ran(world: World, line: string): Promise<readonly string[]> {
  const before = world.docker.ran.length;
  const { code, noted } = await world.run(line);
  assert.equal(code, 0, noted.join("\n"));
  return world.docker.ran.slice(before);
}

for (const verb of ["up", "status", "logs", "upgrade", "down"]) {
  Deno.test(`compose ${verb} is refused where Docker Compose mode is off`, async () => {
    const texts = { [`${FOLDER}/bigeye_agent.yml`]: "docker_compose_enabled: false\n" };
    await using world = await makeWorld({ texts });
    assert.deepEqual(await world.run(`bigeye-agent compose ${verb}`), {
      code: 3,
      said: [],
      noted: [
        "error: Docker Compose mode is not enabled",
        ' hint: Run "bigeye-agent register" again: it sets docker_compose_enabled to true',
        " code: compose_not_enabled",
      ],
    });
    assert.deepEqual(world.docker.ran, []);
  });
}

Deno.test("compose status prints a table, and with --json one JSON document", async () => {
  await using world = await registered();
  const table = await world.run("bigeye-agent compose status");
  assert.deepEqual(table.said, [
    "SERVICE                    STATE    HEALTH   STATUS                 IMAGE",
    "bigeye-agent-orchestrator  running  healthy  Up 1 second (healthy)  i",
    "docker-socket-proxy        running  healthy  Up 1 second (healthy)  i",
  ]);
  await world.run("bigeye-agent compose down");
  const { said } = await world.run("bigeye-agent compose status --json");
  const absent = { state: "absent", health: "", image: "", status: "" };
  assert.deepEqual(JSON.parse(said.join("\n")), {
    host_id: "prod-1",
    services: [
      { service: "bigeye-agent-orchestrator", ...absent },
      { service: "docker-socket-proxy", ...absent },
    ],
  });
});

Deno.test("compose logs passes its flags on to Docker Compose", async () => {
  await using world = await registered();
  assert.deepEqual(
    await ran(world, "bigeye-agent compose logs -s docker-socket-proxy -f --tail 50"),
    ["compose logs --follow --tail 50 docker-socket-proxy"],
  );
});

Deno.test("compose logs prints lines without escape codes", async () => {
  await using world = await registered();
  assert.deepEqual(await world.run("bigeye-agent compose logs -s bigeye-agent-orchestrator"), {
    code: 0,
    said: ["bigeye-agent-orchestrator  | a line"],
    noted: [],
  });
});

Deno.test("compose logs suggests the right service for a mistyped name", async () => {
  await using world = await registered();
  const { code, noted } = await world.run("bigeye-agent compose logs -s docker-socket-prxy");
  assert.equal(code, 2);
  assert.deepEqual(noted.slice(0, 1), [
    'error: Cannot find a service called "docker-socket-prxy"',
  ]);
  assert(noted.includes(" hint: Use -s docker-socket-proxy"));
});

Deno.test("compose upgrade pulls images before it recreates containers", async () => {
  await using world = await registered();
  assert.deepEqual(await ran(world, "bigeye-agent compose upgrade"), [
    "docker pull bigeyedata/bigeye-agent:0.1.0",
    "compose up --detach --force-recreate",
    "compose ps --all --format json",
  ]);
});

Deno.test("compose upgrade pulls the images of batch agents and of no persistent agent", async () => {
  await using world = await registered(AGENTS);
  assert.deepEqual(await ran(world, "bigeye-agent compose upgrade"), [
    "docker pull bigeyedata/bigeye-agent:0.1.0",
    "docker pull bigeyedata/agent-lineage:latest",
    "docker pull registry.test/datahealth:7",
    "compose up --detach --force-recreate",
    "compose ps --all --format json",
  ]);
});

Deno.test("compose upgrade names the images that it cannot pull, and does not change the stack", async () => {
  await using world = await registered(AGENTS);
  world.docker.answer("docker pull bigeyedata/agent-lineage", { code: 1, stderr: "not found\n" });
  world.docker.answer("docker pull registry.test/", {
    code: 1,
    stderr: "Trying again\ndial tcp: no such host\n",
  });
  const before = world.files.snapshot();
  const already = world.docker.ran.length;
  assert.deepEqual(await world.run("bigeye-agent compose upgrade"), {
    code: 1,
    said: [],
    noted: [
      "Pulling bigeyedata/bigeye-agent:0.1.0",
      "Pulling bigeyedata/agent-lineage:latest",
      "Pulling registry.test/datahealth:7",
      "error: Cannot pull the newest images; the running stack was not changed",
      "       bigeyedata/agent-lineage:latest: not found",
      "       registry.test/datahealth:7: Trying again",
      "       registry.test/datahealth:7: dial tcp: no such host",
      ' hint: Check the images in bigeye_agent.yml and that this host reaches their registry, and run "bigeye-agent compose upgrade" again',
      " code: upgrade_not_pulled",
    ],
  });
  assert.deepEqual(
    world.docker.ran.slice(already).filter((line) => !/^docker pull/.test(line)),
    [],
  );
  assert.deepEqual(world.files.snapshot(), before);
});

Deno.test("compose upgrade does not change the stack when the registry cannot be reached", async () => {
  await using world = await registered();
  world.docker.answer("docker pull", { code: 1, stderr: "dial tcp: no such host\n" });
  const before = world.files.snapshot();
  const already = world.docker.ran.length;
  const { code, noted } = await world.run("bigeye-agent compose upgrade");
  assert.deepEqual({ code, noted }, {
    code: 1,
    noted: [
      "Pulling bigeyedata/bigeye-agent:0.1.0",
      "error: Cannot pull the newest images; the running stack was not changed",
      "       bigeyedata/bigeye-agent:0.1.0: dial tcp: no such host",
      ' hint: Check the images in bigeye_agent.yml and that this host reaches their registry, and run "bigeye-agent compose upgrade" again',
      " code: upgrade_not_pulled",
    ],
  });
  assert.equal(world.docker.ran.length, already + 1);
  assert.deepEqual(world.files.snapshot(), before);
});

Deno.test("compose down stops the orchestrator, then the agents, and then removes the stack", async () => {
  await using world = await registered();
  world.docker.answer("docker ps --quiet", { stdout: "aaa\nbbb\n" });
  world.docker.answer("docker stop", {});
  const id = (await world.files.readText(`${FOLDER}/.bigeye/installation`))?.trim();
  assert.deepEqual(await ran(world, "bigeye-agent compose down"), [
    "compose stop",
    `docker ps --quiet --filter label=com.bigeye.agent.installation=${id}`,
    "docker stop --time 30 aaa bbb",
    "compose down",
  ]);
});

Deno.test("a command ends as interrupted when Ctrl-C has ended its docker process first", async () => {
  await using world = await registered();
  world.docker.answer("compose logs", { code: 130 });
  world.docker.answer("docker pull", { code: 130 });
  for (const line of ["logs -f", "logs", "upgrade"]) {
    const { code, said, noted } = await world.run(`bigeye-agent compose ${line}`);
    assert.deepEqual([code, said, noted.at(-1)], [130, [], "Stopped before the end"], line);
  }
});

Deno.test("sync sends the agents in bigeye_agent.yml to Bigeye", async () => {
  await using world = await registered();
  const path = `${FOLDER}/bigeye_agent.yml`;
  const text = await world.files.readText(path) ?? "";
  await world.files.writeText(path, text.replace("agents: []", "agents: [{type: datahealth}]"));
  const dry = await world.run("bigeye-agent sync --dry-run");
  assert.deepEqual(JSON.parse(dry.said.join("\n")).managedAgents, [
    "MANAGED_AGENT_TYPE_DATAHEALTH",
  ]);
  const before = world.docker.ran.length;
  const { code, said, noted } = await world.run("bigeye-agent sync");
  assert.deepEqual(world.docker.ran.slice(before), [
    "compose ps --all --format json",
    "compose up --detach",
    "compose ps --all --format json",
  ]);
  assert.deepEqual({ code, said, noted }, {
    code: 0,
    said: ['Bigeye has host "prod-1" with datahealth'],
    noted: [],
  });
  assert(`${FOLDER}/agents/datahealth/` in world.files.snapshot());
});
