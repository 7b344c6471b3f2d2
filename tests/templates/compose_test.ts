/** The text of the compose file. */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { composeFile, stackModel } from "../../templates/compose.ts";
import { ORCHESTRATOR_SERVICE } from "../../templates/stack.ts";
import { STACK_PLAN } from "../fakes/host/stack_plan.ts";

const SNAPSHOT = new URL("./docker-compose.bigeye.yml", import.meta.url);

Deno.test("the compose file is exactly the recorded one", async () => {
  assert.equal(composeFile(STACK_PLAN), await Deno.readTextFile(SNAPSHOT));
});

Deno.test("the compose file parses to the model that it was made from", () => {
  assert.deepEqual(parse(composeFile(STACK_PLAN)), stackModel(STACK_PLAN));
});

Deno.test("a host folder may contain any character of a path", () => {
  const hostFolder = "/srv/we ird:$HOME ${X} # \"q\" 's' ~ é";
  const environment = { HTTPS_PROXY: "http://user:p$ss@proxy:3128" };
  const file = parse(composeFile({ ...STACK_PLAN, hostFolder, environment }));
  const escaped = "/srv/we ird:$$HOME $${X} # \"q\" 's' ~ é";
  const bind = { create_host_path: false };
  assert.deepEqual(file.services[ORCHESTRATOR_SERVICE].volumes, [
    { type: "bind", source: escaped, target: escaped, bind, read_only: true },
    { type: "bind", source: `${escaped}/agent_runs`, target: `${escaped}/agent_runs`, bind },
  ]);
  assert.deepEqual(file.services[ORCHESTRATOR_SERVICE].environment, {
    HTTPS_PROXY: "http://user:p$$ss@proxy:3128",
    BIGEYE_HOST_FOLDER: escaped,
    DOCKER_HOST: "tcp://docker-socket-proxy:2375",
    MALLOC_ARENA_MAX: "1",
    MALLOC_TRIM_THRESHOLD_: "65536",
    TMPDIR: "/tmp",
  });
});

Deno.test("a variable of the operator cannot make the orchestrator bypass the proxy", () => {
  // Attacker: puts DOCKER_HOST into the variables that are passed on.
  const environment = { DOCKER_HOST: "unix:///x.sock" };
  assert.deepEqual(stackModel({ ...STACK_PLAN, environment }), stackModel(STACK_PLAN));
});
