/** Where a host dials: what Bigeye answers, else what is set, else Bigeye's usual name. */

import assert from "node:assert/strict";
import { temporalSettings } from "../../../commands/host/temporal_target.ts";
import { parseConfig } from "../../../lib/config/parse.ts";
import { usualTemporal } from "../../../lib/contract/unpublished.ts";

const PATH = "/srv/bigeye/bigeye_agent.yml";

const stored = (text: string) => ({
  hostId: "h-1",
  stored: { path: PATH, text, config: parseConfig(text, PATH) },
});

const OWN = `bigeye: {url: "https://app.bigeye.com"}
orchestrator:
  temporal: {address: "temporal.test:7233", namespace: mine, sign_in: agent_api_key}
`;

Deno.test("the answer to register wins over the settings, and leaves nothing of them", () => {
  const answered = {
    address: "plane.test:7233",
    namespace: "default",
    taskQueue: "bigeye-agent-host-h-1",
  };
  assert.deepEqual(temporalSettings({ ...answered, serverName: "gateway" }, stored(OWN)), {
    address: "plane.test:7233",
    namespace: "default",
    server_name: "gateway",
  });
});

Deno.test("a queue with another name than the usual one is kept", () => {
  const answered = { address: "plane.test:7233", namespace: "default", taskQueue: "queue of h-1" };
  assert.deepEqual(temporalSettings(answered, stored("bigeye: {}\n")), {
    address: "plane.test:7233",
    namespace: "default",
    task_queue: "queue of h-1",
  });
});

Deno.test("settings that an operator wrote win over Bigeye's usual name", () => {
  assert.deepEqual(temporalSettings(undefined, stored(OWN)), {
    address: "temporal.test:7233",
    namespace: "mine",
    sign_in: "agent_api_key",
  });
});

Deno.test("Bigeye's usual name follows from its address, and is dialed with TLS and the Agent API Key", () => {
  const usual = stored(`bigeye: {url: "https://app.bigeye.com"}\n`);
  assert.deepEqual(temporalSettings(undefined, usual), {
    address: "app-workflows.bigeye.com:443",
    namespace: "default",
    server_name: "app-workflows.bigeye.com",
    sign_in: "agent_api_key",
  });
});

Deno.test("an address without a domain has no usual name, so that Temporal must be set", () => {
  for (const url of ["http://localhost:8080", "https://192.0.2.7", "https://[2001:db8::1]", "x"]) {
    assert.equal(usualTemporal(url), undefined, url);
  }
  const local = stored(`bigeye: {url: "http://localhost:8080"}\n`);
  assert.throws(() => temporalSettings(undefined, local), {
    code: "temporal_unknown",
    hint:
      `Set orchestrator.temporal.address and namespace in "${PATH}", and run the same command again`,
  });
});
