/** Which files of the operator `register` refuses, before it changes anything. */

import assert from "node:assert/strict";
import { latin1 } from "../../fakes/system/latin1.ts";
import { FOLDER, makeWorld } from "../world.ts";
import { CONFIG, LINE, type Refusal, testRefusals } from "./refusals.ts";

const REFUSALS: Readonly<Record<string, Refusal>> = {
  "a file that is not UTF-8": {
    texts: { [CONFIG]: latin1("bigeye: {}\nlineage:\n  password: gr\xfcn\n") },
    exit: 3,
    noted: [
      `Cannot read "${CONFIG}": line 3 is not UTF-8`,
      `Open "${CONFIG}", save it as UTF-8, and run the same command again`,
    ],
  },
  "a key file that is not UTF-8": {
    line: `${LINE} --agent-key-file agent.key`,
    texts: { [`${FOLDER}/agent.key`]: latin1("bigeye_agent_\xfc\n") },
    exit: 3,
    noted: [
      `Cannot read "${FOLDER}/agent.key": line 1 is not UTF-8`,
      `Open "${FOLDER}/agent.key", save it as UTF-8, and run the same command again`,
    ],
  },
  "a custom CA that is not UTF-8": {
    line: `${LINE} --ca-file ca.pem`,
    texts: { [`${FOLDER}/ca.pem`]: latin1("subject=O = M\xfcller\n-----BEGIN CERTIFICATE-----\n") },
    exit: 3,
    noted: [
      `Cannot read "${FOLDER}/ca.pem": line 1 is not UTF-8`,
      `Open "${FOLDER}/ca.pem", save it as UTF-8, and run the same command again`,
    ],
  },
  "a file into which it cannot write its keys": {
    texts: { [CONFIG]: "bigeye: {url: https://bigeye.test}\n...\n" },
    exit: 3,
    noted: [
      `Cannot write our settings into "${CONFIG}" without changing the rest of it`,
      `Open "${CONFIG}", add the lines below, and run the same command again`,
    ],
  },
};

testRefusals(REFUSALS);

Deno.test("a bigeye_agent.yml with a byte order mark is accepted and keeps it", async () => {
  const mine = "\uFEFFbigeye: {url: https://bigeye.test}\r\n";
  await using world = await makeWorld({ texts: { [CONFIG]: mine } });
  const { keys } = world.plane;
  const { code } = await world.run(LINE, {
    env: { BIGEYE_PERSONAL_API_KEY: keys.admin, BIGEYE_AGENT_API_KEY: keys.agent },
  });
  assert.deepEqual([code, await world.files.readText(CONFIG)], [
    0,
    `${mine}docker_compose_enabled: true\r\norchestrator:\r\n  host_id: prod-1\r\n` +
    "  temporal: { address: temporal.test:7233, namespace: default }\r\n  host_report: true\r\n",
  ]);
});

Deno.test("settings from a merge key are read, and the merge key is kept as written", async () => {
  // If the URL were ignored, the admin's key would be sent to the default address.
  const mine = "common: &c {url: https://bigeye.test}\nbigeye: {<<: *c}\n";
  await using world = await makeWorld({ texts: { [CONFIG]: mine } });
  const { keys } = world.plane;
  const { code } = await world.run(LINE, {
    env: { BIGEYE_PERSONAL_API_KEY: keys.admin, BIGEYE_AGENT_API_KEY: keys.agent },
  });
  assert.deepEqual([code, await world.files.readText(CONFIG)], [
    0,
    `${mine}docker_compose_enabled: true\norchestrator:\n  host_id: prod-1\n` +
    "  temporal: { address: temporal.test:7233, namespace: default }\n  host_report: true\n",
  ]);
});
