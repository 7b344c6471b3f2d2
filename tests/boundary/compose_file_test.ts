/** Which changes to the compose file and its folder are found. */

import assert from "node:assert/strict";
import { checkComposeFile, steeringIn } from "../../boundary/compose_file.ts";
import { composeFile, type StackPlan } from "../../templates/compose.ts";
import { STACK_PLAN } from "../fakes/host/stack_plan.ts";

const TEXT = composeFile(STACK_PLAN);

/** The differences of an edited file, one line each. */
function afterEdit(from: string | RegExp, to: string): string[] {
  const text = TEXT.replace(from, () => to);
  assert.notEqual(text, TEXT, "the edit changes the file");
  return differencesIn(text);
}

function differencesIn(text: string, plan: StackPlan = STACK_PLAN): string[] {
  return checkComposeFile(text, plan.hostFolder).map(
    ({ path, expected, found }) => `${path}: ${expected} -> ${found}`,
  );
}

const PROXY = "services.docker-socket-proxy";
const ORCHESTRATOR = "services.bigeye-agent-orchestrator";

Deno.test("the template's file is accepted for any host", () => {
  assert.deepEqual(differencesIn(TEXT), []);
  const other: StackPlan = {
    project: "other_1",
    image: "registry.test:5000/bigeye/agent@sha256:0a",
    hostFolder: "/srv/we ird:$HOME",
    uid: 65532,
    gid: 0,
    socketGid: 0,
    proxyFlags: STACK_PLAN.proxyFlags,
    restart: "always",
    environment: { HTTPS_PROXY: "http://u:p$$w@proxy:3128" },
  };
  assert.deepEqual(differencesIn(composeFile(other), other), []);
});

Deno.test("comments and the order of keys do not matter", () => {
  const text = TEXT.replace('      EXEC: "0"\n', "")
    .replace('      CONTAINERS: "1"\n', "      EXEC: '0' # as it was\n      CONTAINERS: \"1\"\n");
  assert.notEqual(text, TEXT);
  assert.deepEqual(differencesIn(text), []);
});

Deno.test("a changed flag is reported with the expected and the found value", () => {
  // Attacker: may edit the file, and opens a section of the Engine API.
  assert.deepEqual(afterEdit('EXEC: "0"', 'EXEC: "1"'), [`${PROXY}.environment.EXEC: "0" -> "1"`]);
  assert.deepEqual(afterEdit('EXEC: "0"', "EXEC: 0"), [`${PROXY}.environment.EXEC: "0" -> 0`]);
  assert.deepEqual(afterEdit('POST: "1"', 'POST: "2"'), [`${PROXY}.environment.POST: "1" -> "2"`]);
  assert.deepEqual(afterEdit('      EVENTS: "0"\n', ""), [
    `${PROXY}.environment.EVENTS: "0" -> nothing`,
  ]);
  assert.deepEqual(afterEdit('EVENTS: "0"', 'EVENTS: "0"\n      ALLOW_EXEC: "1"'), [
    `${PROXY}.environment.ALLOW_EXEC: nothing -> "1"`,
  ]);
});

Deno.test("every other change to the proxy is reported", () => {
  // Attacker: keeps the flags and changes the program, the access to it, or its privileges.
  const inProxy = (line: string) =>
    afterEdit("    stop_grace_period: 5s", `    ${line}\n    stop_grace_period: 5s`);
  assert.deepEqual(inProxy("privileged: true"), [`${PROXY}.privileged: nothing -> true`]);
  assert.deepEqual(inProxy('ports: ["2375:2375"]'), [`${PROXY}.ports: nothing -> ["2375:2375"]`]);
  assert.deepEqual(inProxy("entrypoint: [/bin/sh]"), [
    `${PROXY}.entrypoint: nothing -> ["/bin/sh"]`,
  ]);
  assert.deepEqual(inProxy("env_file: x.env"), [`${PROXY}.env_file: nothing -> "x.env"`]);
  assert.deepEqual(inProxy("extends: {file: x.yml, service: y}"), [
    `${PROXY}.extends: nothing -> {"file":"x.yml","service":"y"}`,
  ]);
  assert.deepEqual(afterEdit("- socket-proxy", "- socket-proxy\n      - --open"), [
    `${PROXY}.command.1: nothing -> "--open"`,
  ]);
  assert.deepEqual(afterEdit("image: bigeyedata/bigeye-agent:0.1.0", "image: other/proxy"), [
    `${PROXY}.image: "bigeyedata/bigeye-agent:0.1.0" -> "other/proxy"`,
  ]);
  assert.deepEqual(afterEdit("user: 65532:998", "user: root"), [
    `${PROXY}.user: "65532:65532" -> "root"`,
    `${PROXY}.tmpfs.0: "/tmp:mode=0700,uid=65532,gid=65532,size=64m" -> "/tmp:mode=0700,uid=65532,gid=998,size=64m"`,
  ]);
});

Deno.test("an orchestrator that can bypass the proxy is reported", () => {
  // Attacker: gives the orchestrator the socket, root, or the proxy's network.
  assert.deepEqual(
    afterEdit("DOCKER_HOST: tcp://docker-socket-proxy:2375", "DOCKER_HOST: unix:///x"),
    [
      `${ORCHESTRATOR}.environment.DOCKER_HOST: "tcp://docker-socket-proxy:2375" -> "unix:///x"`,
    ],
  );
  assert.deepEqual(afterEdit("source: /srv/bigeye/agent_runs", "source: /var/run"), [
    `${ORCHESTRATOR}.volumes.1.source: "/srv/bigeye/agent_runs" -> "/var/run"`,
  ]);
  assert.deepEqual(afterEdit("user: 1000:1001", 'user: "0:0"'), [
    `${ORCHESTRATOR}.user: "65532:65532" -> "0:0"`,
    `${ORCHESTRATOR}.tmpfs.0: "/tmp:mode=0700,uid=65532,gid=65532,size=64m" -> "/tmp:mode=0700,uid=1000,gid=1001,size=64m"`,
  ]);
  assert.deepEqual(afterEdit('net.ipv4.ip_forward: "0"', 'net.ipv4.ip_forward: "1"'), [
    `${ORCHESTRATOR}.sysctls.net.ipv4.ip_forward: "0" -> "1"`,
  ]);
});

Deno.test("a host folder that contains the socket is refused", () => {
  // Attacker: registers a folder that contains the socket. Its mount is read-only, but connect() needs no write access.
  for (const hostFolder of ["/", "/var", "/var/run", "/run"]) {
    const plan = { ...STACK_PLAN, hostFolder };
    assert.deepEqual(differencesIn(composeFile(plan), plan), [
      `${ORCHESTRATOR}.environment.BIGEYE_HOST_FOLDER: "<a folder of its own>" -> "${hostFolder}"`,
      `${ORCHESTRATOR}.volumes.0.source: "<a folder of its own>" -> "${hostFolder}"`,
      `${ORCHESTRATOR}.volumes.0.target: "<a folder of its own>" -> "${hostFolder}"`,
      `${ORCHESTRATOR}.volumes.1.source: "<a folder of its own>/agent_runs" -> "${hostFolder}/agent_runs"`,
      `${ORCHESTRATOR}.volumes.1.target: "<a folder of its own>/agent_runs" -> "${hostFolder}/agent_runs"`,
    ]);
  }
});

Deno.test("an opened network and a third service are reported", () => {
  // Attacker: opens the internal network, or adds a service that reaches the proxy.
  assert.deepEqual(afterEdit("internal: true", "internal: false"), [
    "networks.orchestrator-internal.internal: true -> false",
  ]);
  assert.deepEqual(afterEdit('inhibit_ipv4: "true"', 'inhibit_ipv4: "false"'), [
    'networks.orchestrator-internal.driver_opts.com.docker.network.bridge.inhibit_ipv4: "true" -> "false"',
  ]);
  assert.deepEqual(afterEdit("services:\n", "services:\n  x: {image: y}\n"), [
    'services.x: nothing -> {"image":"y"}',
  ]);
  assert.deepEqual(afterEdit("services:\n", "include: [x.yml]\nservices:\n"), [
    'include: nothing -> ["x.yml"]',
  ]);
});

Deno.test("YAML that can be read in two ways is reported with its place", () => {
  // Attacker: hides a change in a construct that Compose resolves in another way than this check.
  assert.deepEqual(afterEdit('      EXEC: "0"', '      EXEC: "0"\n      EXEC: "1"'), [
    "line 51, column 7: strict YAML -> Map keys must be unique",
  ]);
  assert.deepEqual(afterEdit('EXEC: "0"', 'EXEC: &a "0"'), ["line 50, column 16: no anchor -> &a"]);
  assert.deepEqual(afterEdit('EXEC: "0"', "EXEC: ${EXEC:-0}"), [
    "line 50, column 13: no variable -> ${EXEC:-0}",
  ]);
  assert.deepEqual(afterEdit('EXEC: "0"', "EXEC: $$$EXEC"), [
    "line 50, column 13: no variable -> $$$EXEC",
  ]);
  assert.deepEqual(differencesIn(`${TEXT}---\nname: x\n`), [
    "line 144, column 1: strict YAML -> " +
    "Source contains multiple documents; please use YAML.parseAllDocuments()",
  ]);
  assert.deepEqual(differencesIn("services: [\n"), [
    "line 2, column 1: strict YAML -> " +
    "Flow sequence in block collection must be sufficiently indented and end with a ]",
  ]);
  assert.deepEqual(
    afterEdit(
      "    environment:\n      CONTAINERS",
      '    environment:\n      <<: {EXEC: "1"}\n      CONTAINERS',
    ),
    [`${PROXY}.environment.<<: nothing -> {"EXEC":"1"}`],
  );
  assert.deepEqual(afterEdit('EXEC: "0"', 'EXEC: !reset "0"'), [
    "line 50, column 13: strict YAML -> Unresolved tag: !reset",
    "line 50, column 20: no tag -> !reset",
  ]);
});

Deno.test("a file without the services is reported with everything that is missing", () => {
  const found = (text: string) =>
    checkComposeFile(text, STACK_PLAN.hostFolder).map(({ path, found }) => [path, found]);
  assert.deepEqual([found(""), found("[]"), found("null")], [
    [["", "null"]],
    [["", "[]"]],
    [["", "null"]],
  ]);
  const missing = (proxy: string) => [
    ["name", "nothing"],
    [PROXY, proxy],
    [ORCHESTRATOR, "nothing"],
    ["networks", "nothing"],
  ];
  assert.deepEqual(found("services: {}"), missing("nothing"));
  assert.deepEqual(found("services:\n  docker-socket-proxy: []\n"), missing("[]"));
});

Deno.test("a second compose file and a variable that steers Compose are reported", () => {
  // Attacker: keeps the file and makes Compose merge another one into it.
  const seen = steeringIn(
    [
      "agent_config",
      "bigeye_agent.yml",
      "docker-compose.bigeye.yml",
      ".env",
      "compose.override.yaml",
      "compose.yaml",
      "docker-compose.bigeye.override.yml",
      "docker-compose.bigeye.yaml",
      "docker-compose.override.yml",
      "docker-compose.yml",
      "notes.yml",
    ],
    "# COMPOSE_FILE=no\nHTTP_PROXY=x\nDOCKER_REGISTRY=reg\nCOMPOSE_HTTP_TIMEOUT=120\nan odd line\n" +
      " export COMPOSE_FILE=a.yml:b.yml\nDOCKER_HOST: tcp://x\n",
  );
  const file = (path: string) => ({ path, expected: "no second compose file", found: "a file" });
  assert.deepEqual(seen, [
    file("compose.override.yaml"),
    file("docker-compose.bigeye.override.yml"),
    file("docker-compose.bigeye.yaml"),
    file("docker-compose.override.yml"),
    { path: ".env", expected: "no COMPOSE_FILE", found: "COMPOSE_FILE" },
    { path: ".env", expected: "no DOCKER_HOST", found: "DOCKER_HOST" },
  ]);
});
