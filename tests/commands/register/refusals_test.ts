/** What `register` refuses, with which exit code, and that it changes nothing before. */

import assert from "node:assert/strict";
import { STRANGER } from "../../fakes/keys/key_pairs.ts";
import { FOLDER, makeWorld, type World } from "../world.ts";
import { CONFIG, LINE, type Refusal, testRefusals } from "./refusals.ts";

const otherHost = ({ plane }: World) => plane.addHost("prod-0");

const CASES: Readonly<Record<string, Refusal>> = {
  "a host id of the wrong form": {
    line: "bigeye-agent register --host-id prod_1",
    exit: 2,
    noted: [
      'Cannot use host id "prod_1": it must be 1 to 256 letters, digits or hyphens',
      "Choose another one, as in --host-id prod-agent-01",
    ],
  },
  "a missing host id without a terminal": {
    line: "bigeye-agent register",
    exit: 2,
    noted: [
      "Cannot ask for the host id: this is not a terminal",
      "Give it with --host-id <id>, or set BIGEYE_HOST_ID",
    ],
  },
  "a Kubernetes host": {
    texts: { [CONFIG]: "deployment: kubernetes\n" },
    exit: 3,
    noted: [
      `Cannot register a Kubernetes host: "${CONFIG}" describes one`,
      'Run "bigeye-agent register" on a Docker host, in a separate folder',
    ],
  },
  "duplicate keys in the file": {
    texts: { [CONFIG]: "a: 1\na: 2\n" },
    exit: 3,
    noted: [
      `Cannot read "${CONFIG}": it is not valid YAML`,
      `Open "${CONFIG}" and correct the places that are named`,
    ],
  },
  "the legacy docker-compose": {
    docker: ["docker compose version", { code: 1, stderr: "docker: 'compose' is not a command" }],
    exit: 3,
    noted: [
      `Cannot find Docker Compose V2: "docker compose version" says "docker: 'compose' is not a command"`,
      'Install the plugin as in https://docs.docker.com/compose/install/, then check "docker compose version"',
    ],
  },
  "a user who needs sudo": {
    docker: ["docker info", { code: 1, stderr: "permission denied while trying to connect" }],
    exit: 3,
    noted: [
      "Cannot use Docker without sudo: this user may not open its socket",
      'Run "sudo usermod -aG docker $USER", then "newgrp docker", then check "docker ps"',
    ],
  },
  "an engine that is down": {
    docker: ["docker info", { code: 1, stderr: "Cannot connect to the Docker daemon" }],
    exit: 3,
    noted: [
      "Cannot talk to the Docker Engine: it does not answer",
      'Start it with "sudo systemctl start docker", then check "docker info"',
    ],
  },
  "an engine that is down, with a warning about another file": {
    docker: ["docker info", {
      code: 1,
      stderr: "WARNING: Error loading config file: open /root/.docker/config.json: " +
        "permission denied\nCannot connect to the Docker daemon",
    }],
    exit: 3,
    noted: [
      "Cannot talk to the Docker Engine: it does not answer",
      'Start it with "sudo systemctl start docker", then check "docker info"',
    ],
  },
  "no socket at its default path": {
    before: ({ files }) => files.remove("/var/run/docker.sock"),
    exit: 3,
    noted: [
      'Cannot find the Docker socket at its default path "/var/run/docker.sock"',
      'Make the engine listen there, or link it with "sudo ln -s <the socket> /var/run/docker.sock"',
    ],
  },
  "a missing key without a terminal": {
    env: { BIGEYE_PERSONAL_API_KEY: "" },
    exit: 2,
    noted: [
      "Cannot ask for the Personal API Key of an admin: this is not a terminal",
      "Give it with --personal-key-file <path, or - for standard input>, or set BIGEYE_PERSONAL_API_KEY",
    ],
  },
  "a missing Agent API Key without a terminal": {
    env: { BIGEYE_AGENT_API_KEY: "" },
    exit: 2,
    noted: [
      "Cannot ask for the Agent API Key: this is not a terminal",
      "Give it with --agent-key-file <path, or - for standard input>, or set BIGEYE_AGENT_API_KEY",
    ],
  },
  "both keys from standard input": {
    line: `${LINE} --personal-key-file - --agent-key-file -`,
    exit: 2,
    noted: [
      "Cannot read two keys from standard input",
      "Give one of them with a file: --personal-key-file <path> or --agent-key-file <path>",
    ],
  },
  "a key that would break out of its header": {
    line: `${LINE} --personal-key-file -`,
    input: "key\r\nX-Evil: 1",
    exit: 2,
    noted: [
      "Cannot use the Personal API Key of an admin from --personal-key-file: it must be one word of printable characters",
      "Correct --personal-key-file and run the same command again",
    ],
  },
  "a personal key that Bigeye does not know": {
    env: { BIGEYE_PERSONAL_API_KEY: "wrong" },
    exit: 4,
    noted: [
      'Cannot use the Personal API Key: "https://bigeye.test" does not accept it',
      "Check the key and --bigeye-url, or create a new Personal API Key in Bigeye and use that",
    ],
  },
  "an Agent API Key that Bigeye does not know": {
    env: { BIGEYE_AGENT_API_KEY: "wrong" },
    exit: 4,
    noted: [
      'Cannot use the Agent API Key: "https://bigeye.test" does not accept it',
      "Check the key and --bigeye-url, or create a new Agent API Key in Bigeye and use that",
    ],
  },
  "a host id of another installation": {
    before: ({ plane }) => plane.addHost("prod-1"),
    exit: 5,
    noted: [
      "Host is already registered",
      'Choose another --host-id, or add --replace if this machine replaces host "prod-1"',
    ],
  },
  "missing keys while the account has other hosts": {
    before: otherHost,
    exit: 3,
    noted: [
      `Cannot create new keys: all hosts of the account share one pair, and "${FOLDER}" has none`,
      `Copy the whole agent_config folder from one of these hosts to "${FOLDER}" and run the same ` +
      "command again; if all of them have lost it, remove each with " +
      '"DELETE /api/v1/agent-orchestrator/hosts/<host id>" first',
    ],
  },
  "a missing address, instead of sending keys to the default one,": {
    env: { BIGEYE_URL: "" },
    exit: 2,
    noted: [
      "Cannot ask for the address of Bigeye: this is not a terminal",
      "Give it with --bigeye-url <url, as in https://app.bigeye.com>, or set BIGEYE_URL",
    ],
  },
  "a SOCKS proxy from the environment": {
    env: { https_proxy: "socks5://proxy:1080" },
    exit: 2,
    noted: [
      "Cannot use the proxy from https_proxy: it must be an address such as http://user:password@proxy.example.com:3128",
      "Correct https_proxy and run the same command again",
    ],
  },
  "an address that is not a URL": {
    env: { BIGEYE_URL: "bigeye.test" },
    exit: 2,
    noted: [
      "Cannot use the address of Bigeye from BIGEYE_URL: it must be an http or https URL",
      "Correct BIGEYE_URL and run the same command again",
    ],
  },
  "an address that cannot be reached": {
    env: { BIGEYE_URL: "https://nowhere.test" },
    exit: 1,
    noted: [
      'Cannot reach Bigeye at "https://nowhere.test"',
      'Check --bigeye-url, and --proxy and --ca-file where the network needs them, or try "curl -v https://nowhere.test"',
    ],
  },
  "a custom CA file that does not exist": {
    line: `${LINE} --ca-file ca.pem`,
    exit: 2,
    noted: [
      `Cannot use the custom CA from --ca-file: it names "${FOLDER}/ca.pem", which does not exist`,
      "Correct --ca-file and run the same command again",
    ],
  },
};

testRefusals(CASES);

Deno.test("register refuses a member's key", async () => {
  // Attacker: a member who is not an admin, and tries to add a host to the account.
  await using world = await makeWorld();
  const { keys } = world.plane;
  const { code, noted } = await world.run(LINE, {
    env: {
      BIGEYE_URL: "https://bigeye.test",
      BIGEYE_PERSONAL_API_KEY: keys.member,
      BIGEYE_AGENT_API_KEY: keys.agent,
    },
  });
  assert.deepEqual({ code, last: noted.slice(-3) }, {
    code: 4,
    last: [
      "error: Cannot register a host with this Personal API Key: it is not an admin's",
      " hint: Run the same command with the Personal API Key of an admin",
      " code: admin_key_required",
    ],
  });
});

Deno.test("register refuses keys of another account and does not change them", async () => {
  await using world = await makeWorld();
  const { keys } = world.plane;
  const env = {
    BIGEYE_URL: "https://bigeye.test",
    BIGEYE_PERSONAL_API_KEY: keys.admin,
    BIGEYE_AGENT_API_KEY: keys.agent,
  };
  assert.equal((await world.run(LINE, { env })).code, 0);
  const { privatePem } = STRANGER;
  await world.files.writeText(`${FOLDER}/agent_config/private.pem`, privatePem);
  const before = world.files.snapshot();
  const { code, noted } = await world.run(LINE, { env });
  assert.equal(code, 5);
  assert(noted.includes(" code: keys_not_of_account"));
  assert.deepEqual(world.files.snapshot(), before);
});
