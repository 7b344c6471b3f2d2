/** What counts as a secret of an agent, and that one bad file does not uncover the others. */

import assert from "node:assert/strict";
import { agentRedactor } from "../../../orchestrator/outcome/secrets.ts";
import { latin1 } from "../../fakes/latin1.ts";
import { memoryFiles } from "../../fakes/memory_files.ts";

Deno.test("one file that cannot be read takes no other's secrets with it", async () => {
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
    ["[redacted] and [redacted]", [["warn", "not every secret of the agent is known", {
      path: "/h/agents/lineage/a.bak",
      error: "permission denied",
    }]]],
  );
});

Deno.test("files of every form are known, in folders too; one that is beyond reading is named", async () => {
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

Deno.test("a password in a file that is not UTF-8 is hidden, however the agent has read the file", async () => {
  const files = memoryFiles({
    "/h/agents/lineage/a.properties": latin1("# f\u00fcr\ndb.password=gr\u00fcn-geheim\n"),
  });
  const redact = await agentRedactor({ files, log: () => {}, host: { folder: "/h" } }, "lineage");
  assert.deepEqual(
    ["gr\u00fcn-geheim", "gr\uFFFDn-geheim"].map(redact),
    ["[redacted]", "[redacted]"],
  );
});
