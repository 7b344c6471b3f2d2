/** Reads an agent's `result.json`, which can contain anything. */

import assert from "node:assert/strict";
import { redactor } from "../../../orchestrator/outcome/redaction.ts";
import { readResult } from "../../../orchestrator/outcome/result_file.ts";
import { memoryFiles } from "../../fakes/system/memory_files.ts";

const folder = "/srv/agent_runs/1/files";
const path = `${folder}/result.json`;
const plain = (text: string) => text;
const read = (text: string, redact = plain) =>
  readResult(folder, { files: memoryFiles({ [path]: text }), redact });
const NOTHING = { connections: [] };

Deno.test("a result is reduced to what Bigeye stores: failed connections first, each error once, paths of the host", async () => {
  const errors = ["a", "a", "b\nc", " ", "d", "e", "f"];
  const connections = [
    { connector: "x", name: "fine", status: "succeeded" },
    { connector: "x", name: "bad", status: "failed", errors, log: "/bigeye/run/logs/bad.log" },
    { connector: "x", status: "failed" },
    "nonsense",
  ];
  assert.deepEqual(await read(JSON.stringify({ message: " it broke ", connections })), {
    message: "it broke",
    connections: [
      {
        connector: "x",
        name: "bad",
        status: "failed",
        errors: ["a", "b", "c", "d", "e"],
        log: "/srv/agent_runs/1/files/logs/bad.log",
      },
      { connector: "x", name: "fine", status: "succeeded", errors: [] },
    ],
  });
});

Deno.test("secrets are redacted in every text of a result before it is cut", async () => {
  // Attacker: a reader of runs in Bigeye who looks for a long token that was cut in half.
  const token = "t0k3n".repeat(126);
  const text = (length: number) => `${"x ".repeat(length / 2)}${token} refused`;
  const connection = {
    connector: `snowflake ${token}`,
    name: text(490),
    status: "failed",
    errors: [`${text(400)}\nfirst ${token}`],
    log: `/bigeye/run/logs/${token}.log`,
  };
  const result = JSON.stringify({ message: text(8_000), connections: [connection] });
  assert.deepEqual(await read(result, redactor([token])), {
    message: `${"x ".repeat(4_000)}[redacted] refused`,
    connections: [{
      connector: "snowflake [redacted]",
      name: `${"x ".repeat(245)}[redacted]`,
      status: "failed",
      errors: [`${"x ".repeat(200)}[redacted] refused`, "first [redacted]"],
      log: "/srv/agent_runs/1/files/logs/[redacted].log",
    }],
  });
});

Deno.test("a secret with terminal colors inside is redacted in every text of a result", async () => {
  // Attacker: none; an agent that colors its output and prints its settings.
  const colored = "\x1b[32mhunter2\x1b[0msecret";
  const log = "/bigeye/run/logs/hunter2secret.log";
  const connection = {
    connector: colored,
    name: colored,
    status: "failed",
    errors: [colored],
    log,
  };
  const result = JSON.stringify({ message: `at ${colored}`, connections: [connection] });
  assert.deepEqual(await read(result, redactor(["hunter2secret"])), {
    message: "at [redacted]",
    connections: [{
      connector: "[redacted]",
      name: "[redacted]",
      status: "failed",
      errors: ["[redacted]"],
      log: "/srv/agent_runs/1/files/logs/[redacted].log",
    }],
  });
});

Deno.test("a file that is not a result counts as an empty result", async () => {
  for (const text of ["", "[]", "null", "{", "x".repeat((1 << 20) + 1)]) {
    assert.deepEqual(await read(text), NOTHING);
  }
  assert.deepEqual(await read('{"message":7,"connections":{}}'), NOTHING);
  const files = memoryFiles();
  assert.deepEqual(await readResult(folder, { files, redact: plain }), NOTHING);
});

Deno.test("a result that is a link is not followed", async () => {
  // Attacker: an agent that wants to see a host file, which it cannot read, in the run's message.
  const files = memoryFiles({ "/srv/agent_config/private.pem": '{"message":"the key"}' });
  files.link(path, "/srv/agent_config/private.pem");
  assert.deepEqual(await readResult(folder, { files, redact: plain }), NOTHING);
});

Deno.test("a log path outside the run's folder is dropped", async () => {
  // Attacker: an agent that wants an operator to open a file of its choice.
  const outside = [
    "/etc/passwd",
    "/bigeye/run/../../etc/passwd",
    "/bigeye/run/",
    "/bigeye/run/a\nb",
  ];
  const logOf = async (log: string) => {
    const connections = [{ connector: "x", name: "y", status: "failed", log }];
    return (await read(JSON.stringify({ connections }))).connections[0]?.log;
  };
  assert.deepEqual(await Promise.all(outside.map(logOf)), outside.map(() => undefined));
  assert.equal(await logOf("/bigeye/run/./a//b"), "/srv/agent_runs/1/files/a/b");
});
