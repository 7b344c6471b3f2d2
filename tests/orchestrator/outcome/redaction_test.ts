/** The values that are redacted in an agent's texts. */

import assert from "node:assert/strict";
import { agentRedactor, plainText, redactor } from "../../../orchestrator/outcome/redaction.ts";
import { latin1 } from "../../fakes/system/latin1.ts";
import { memoryFiles } from "../../fakes/system/memory_files.ts";

Deno.test("a file that cannot be read is logged, and the secrets of the others are redacted", async () => {
  const files = memoryFiles({
    "/h/agents/lineage/a.bak": "",
    "/h/agents/lineage/b.properties": "db.password.1=hunter2secret\n",
    "/h/agent_config/agent_api_key": "bigeye_key_123",
  });
  const warned: unknown[] = [];
  const redact = await agentRedactor({
    files: {
      ...files,
      readBytes: (path) =>
        path.endsWith(".bak")
          ? Promise.reject(new Error("permission denied"))
          : files.readBytes(path),
    },
    log: (level, message, fields) => warned.push([level, message, fields]),
    host: { folder: "/h" },
  }, "lineage");
  assert.deepEqual(
    [redact("hunter2secret and bigeye_key_123"), warned],
    ["[redacted] and [redacted]", [["warn", "could not read secrets to redact", {
      path: "/h/agents/lineage/a.bak",
      error: "permission denied",
    }]]],
  );
});

Deno.test("files of every format are searched, also in folders, and one that cannot be parsed is logged", async () => {
  const files = memoryFiles({
    "/h/agents/datahealth/alation.json": '{"alation_refresh_token": "refresh-me"}',
    "/h/agents/datahealth/more/atlan.yaml": "atlan:\n  api_token: |\n    block-token\n",
    "/h/agents/datahealth/x.properties": "x.password.1=first-\\\n  second\n",
    "/h/agents/datahealth/deep.json": "[".repeat(1 << 19) + "]".repeat(1 << 19),
    "/h/agents/lineage/other.properties": "password=not-of-this-type\n",
  });
  const warned: unknown[] = [];
  const redact = await agentRedactor({
    files,
    log: (_level, _message, fields) => warned.push(fields?.["path"]),
    host: { folder: "/h" },
  }, "datahealth");
  assert.deepEqual(
    [redact("refresh-me block-token first-second not-of-this-type"), warned],
    ["[redacted] [redacted] [redacted] not-of-this-type", ["/h/agents/datahealth/deep.json"]],
  );
});

Deno.test("a password in a file that is not UTF-8 is redacted, however the agent decoded the file", async () => {
  const files = memoryFiles({
    "/h/agents/lineage/a.properties": latin1("# f\u00fcr\ndb.password=gr\u00fcn-geheim\n"),
  });
  const redact = await agentRedactor({ files, log: () => {}, host: { folder: "/h" } }, "lineage");
  assert.deepEqual(
    ["gr\u00fcn-geheim", "gr\uFFFDn-geheim"].map(redact),
    ["[redacted]", "[redacted]"],
  );
});

Deno.test("secrets that contain or overlap each other are redacted completely", () => {
  assert.equal(redactor(["secret", "secret-longer"])("secret-longer"), "[redacted]");
  assert.equal(redactor(["x-hunter", "hunter2secret"])("x-hunter2secret"), "[redacted]");
  assert.equal(redactor(["redacted", "hunter2"])("hunter2 redacted"), "[redacted] [redacted]");
});

Deno.test("a short value is redacted only after its name", () => {
  const hide = redactor(["abc", "x.1"]);
  assert.equal(
    hide('password=abc db.password.1: "abc", PASSWORD abc, token is x.1'),
    'password=[redacted] db.password.1: "[redacted]", PASSWORD [redacted], token is [redacted]',
  );
  assert.equal(hide("password abcdef, abc, x-1"), "password abcdef, abc, x-1");
});

Deno.test("each line of a secret of several lines is redacted, with either line ending", () => {
  const key = "-----BEGIN KEY-----\nMIIEvQ\r\nAbCdEf\\nGhIjKl\n-----END KEY-----";
  assert.equal(redactor([key])("x MIIEvQ\nAbCdEf GhIjKl"), "x [redacted]\n[redacted] [redacted]");
  assert.equal(redactor([key])("-----BEGIN KEY-----"), "-----BEGIN KEY-----");
});

Deno.test("thousands of values of any length and any characters are all redacted", () => {
  const values = Array.from({ length: 20_000 }, (_, at) => `$(v*${at})[${"x".repeat(at % 90)}]`);
  const hide = redactor(values);
  assert.equal(hide(`a ${values[7]} b ${values[19_999]} c`), "a [redacted] b [redacted] c");
  assert.equal(redactor([])("nothing"), "nothing");
});

Deno.test("control sequences are removed completely", () => {
  const cases: readonly [string, string][] = [
    ["\x1b[1;31mred\x1b[0m", "red"],
    ["a\x1b[38:2::1:2:3mb\x9b0mc", "abc"],
    ["see \x1b]8;;http://x\x1b\\link\x1b]8;;\x07 here", "see link here"],
    ["\x1b(Bplain\x1b=\x1bM", "plain"],
    ["\x1bPq#0\x1b\\after", "after"],
    ["cut \x1b[3", "cut 3"],
    ["cut \x1b]0;title\nnext", "cut 0;title\nnext"],
    ["tab\tand\nline\r\x00\x07\x7f\x85", "tab\tand\nline"],
    ["loading 1\rloading 1000\rERROR: quota", "ERROR: quota"],
    ["loading 1\r\x1b[Kloading 2\r\r\nnext\r\n", "loading 2\nnext\n"],
    ["1 %\x1b[1G2 %\x1b[G\x1b[2K3 %\x1b[12Gdone", "3 %done"],
    ["\r", ""],
  ];
  for (const [text, expected] of cases) assert.equal(plainText(text), expected);
});

Deno.test("a long output with many unfinished sequences takes linear time", () => {
  assert.equal(plainText(`${"\x1b]".repeat(200_000)}end`), "end");
  assert.equal(plainText(`${"\r".repeat(200_000)}end${"\r".repeat(200_000)}`), "end");
});
