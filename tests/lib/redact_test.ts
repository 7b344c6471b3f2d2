import assert from "node:assert/strict";
import { redactor, secretsIn } from "../../lib/redact.ts";

const hide = (text: string, output: string) => redactor(secretsIn(text))(output);

Deno.test("values of secret-looking keys are hidden, whatever the file's form", () => {
  const properties = "# remark\nuser=reader\ntableau.password = pa\\:ss=word\napi.key: abc123def\n";
  assert.equal(
    hide(properties, "reader pa:ss=word abc123def pa\\:ss=word"),
    "reader [redacted] [redacted] [redacted]",
  );
  const json = '{"auth":{"client_secret":"s3cr3t-value","user":"reader"},"tokens":["tok-12345"]}';
  assert.equal(hide(json, "s3cr3t-value reader"), "[redacted] reader");
  const yaml = "connection:\n  accessToken: 'quoted-token'\n";
  assert.equal(hide(yaml, "quoted-token"), "[redacted]");
});

Deno.test("a longer secret leaves no rest, a short one is no secret, a key is hidden line by line", () => {
  assert.equal(redactor(["secret", "secret-longer"])("secret-longer"), "[redacted]");
  assert.equal(hide("password=abc", "abcdef"), "abcdef");
  const pem = JSON.stringify({
    private_key: "-----BEGIN KEY-----\nMIIEvQ\nAbCdEf\n-----END KEY-----",
  });
  assert.equal(hide(pem, "x MIIEvQ"), "x [redacted]");
});
