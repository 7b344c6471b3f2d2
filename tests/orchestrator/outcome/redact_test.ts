import assert from "node:assert/strict";
import { redactor } from "../../../orchestrator/outcome/redact.ts";

Deno.test("a longer secret leaves no rest, nor do two that overlap", () => {
  assert.equal(redactor(["secret", "secret-longer"])("secret-longer"), "[redacted]");
  assert.equal(redactor(["x-hunter", "hunter2secret"])("x-hunter2secret"), "[redacted]");
  assert.equal(redactor(["redacted", "hunter2"])("hunter2 redacted"), "[redacted] [redacted]");
});

Deno.test("a short value is hidden where its key stands before it, and only there", () => {
  const hide = redactor(["abc", "x.1"]);
  assert.equal(
    hide('password=abc db.password.1: "abc", PASSWORD abc, token is x.1'),
    'password=[redacted] db.password.1: "[redacted]", PASSWORD [redacted], token is [redacted]',
  );
  assert.equal(hide("password abcdef, abc, x-1"), "password abcdef, abc, x-1");
});

Deno.test("a secret of several lines is hidden line by line, in either form of line end", () => {
  const key = "-----BEGIN KEY-----\nMIIEvQ\r\nAbCdEf\\nGhIjKl\n-----END KEY-----";
  assert.equal(redactor([key])("x MIIEvQ\nAbCdEf GhIjKl"), "x [redacted]\n[redacted] [redacted]");
  assert.equal(redactor([key])("-----BEGIN KEY-----"), "-----BEGIN KEY-----");
});

Deno.test("thousands of values, of whatever length and letters, are all found", () => {
  const values = Array.from({ length: 20_000 }, (_, at) => `$(v*${at})[${"x".repeat(at % 90)}]`);
  const hide = redactor(values);
  assert.equal(hide(`a ${values[7]} b ${values[19_999]} c`), "a [redacted] b [redacted] c");
  assert.equal(redactor([])("nothing"), "nothing");
});
