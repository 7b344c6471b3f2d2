/** Broken settings are refused with the line and the column. */

import assert from "node:assert/strict";
import { parseConfig } from "../../../lib/config/parse.ts";
import { Problem } from "../../../lib/problems/problem.ts";

function faultsOf(text: string): { code: string; details: unknown } {
  try {
    parseConfig(text, "/host/bigeye_agent.yml");
  } catch (error) {
    if (error instanceof Problem) return { code: error.code, details: error.details };
    throw error;
  }
  throw new assert.AssertionError({ message: "nothing was refused" });
}

Deno.test("an empty file has the defaults, and unknown keys are kept", () => {
  const defaults = {
    bigeye: {},
    agents: [],
    docker_compose_enabled: false,
    orchestrator: { concurrent_runs: 4 },
  };
  assert.deepEqual(parseConfig("", "f"), defaults);
  assert.deepEqual(parseConfig("lineage:\n  log_retention: 7\n", "f"), {
    ...defaults,
    lineage: { log_retention: 7 },
  });
});

Deno.test("merge keys are applied, and keys next to them override", () => {
  const text = "a: &a {url: https://a.test, proxy: http://p.test}\nb: &b {url: https://b.test}\n" +
    "bigeye:\n  <<: [*b, *a]\n  proxy: http://q.test\n";
  assert.deepEqual(parseConfig(text, "f").bigeye, {
    url: "https://b.test",
    proxy: "http://q.test",
  });
});

/** Text, code of the Problem, its details. */
const BROKEN: Readonly<Record<string, readonly [string, string, unknown]>> = {
  "a duplicate key": ["a: 1\nb: 2\na: 3\n", "config_not_yaml", [
    { path: "line 3, column 1", message: "Map keys must be unique" },
  ]],
  "a wrong setting behind a byte order mark": [
    "\uFEFFagents: 1\n",
    "config_invalid",
    [{ path: "line 1, column 9 agents", message: "must be a list" }],
  ],
  "a merge of what is no map": [
    "a: [1]\nbigeye:\n  <<: 5\n",
    "config_not_yaml",
    [{ path: "line 3, column 3", message: "Merge sources must be maps or map aliases" }],
  ],
  "a merge of an anchor that is not there": [
    "agents: []\nbigeye: {<<: [*common]}\n",
    "config_not_yaml",
    [{ path: "line 2, column 10", message: "Merge sources must be maps or map aliases" }],
  ],
  "a bracket left open": ["a: [1,\n", "config_not_yaml", [
    {
      path: "line 2, column 1",
      message: "Flow sequence in block collection must be sufficiently indented and end with a ]",
    },
  ]],
  "an unknown tag": ["a: !secret x\n", "config_not_yaml", [
    { path: "line 1, column 4", message: "Unresolved tag: !secret" },
  ]],
  "an alias of nothing": ["a: *gone\n", "config_not_yaml", [
    { message: "Unresolved alias (the anchor must be set before the alias): gone" },
  ]],
  "an unknown agent type": ["agents:\n  - type: linage\n", "config_invalid", [
    {
      path: "line 2, column 11 agents.0.type",
      message:
        'must be "lineage", "datahealth", "external-monitors", "source", "sds" or "crosssource"',
    },
  ]],
  "an agent without a type": ["agents:\n  - typ: lineage\n", "config_invalid", [
    { path: "line 2, column 5 agents.0.type", message: "is missing" },
  ]],
  "an agent type named twice": ["agents: [{type: sds}, {type: sds}]\n", "config_invalid", [
    { path: "line 1, column 9 agents", message: "must name each type once" },
  ]],
  "an image that would pass for an option": [
    "orchestrator:\n  image: --privileged\n",
    "config_invalid",
    [{ path: "line 2, column 10 orchestrator.image", message: "must be an image reference" }],
  ],
  "too many runs at a time": [
    "orchestrator: {concurrent_runs: 1000}\n",
    "config_invalid",
    [{ path: "line 1, column 33 orchestrator.concurrent_runs", message: "must be at most 100" }],
  ],
};

for (const [name, [text, code, details]] of Object.entries(BROKEN)) {
  Deno.test(`${name} is refused with its line and column`, () => {
    assert.deepEqual(faultsOf(text), { code, details });
  });
}
