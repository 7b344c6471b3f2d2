/** Secrets are found in every format of credential files. */

import assert from "node:assert/strict";
import { redactor } from "../../../orchestrator/outcome/redaction.ts";
import { secretsIn } from "../../../orchestrator/outcome/secrets.ts";

const redacted = (name: string, text: string) => redactor(secretsIn(text, name));

Deno.test("in .properties files, names with suffixes, escapes, continued lines and every separator are found", () => {
  const text =
    "# remark\nuser=reader\ntableau.password.1 = pa\\:ss=word\nbigeye.apikey.2: abc123def\n" +
    "db.pwd.3 spaced-value\nclient.secret.1=first-half-\\\n    second-half\n";
  assert.equal(
    redacted("x.properties", text)(
      "reader pa:ss=word pa\\:ss=word abc123def spaced-value first-half-second-half",
    ),
    "reader [redacted] [redacted] [redacted] [redacted] [redacted]",
  );
});

Deno.test("in JSON, nested values, lists and numbers are found, and also values of broken JSON", () => {
  const json = '{"auth":{"client_secret":"s3cr3t-value","user":"reader"},"tokens":["tok-12345"],' +
    '"password":12345678}';
  assert.equal(
    redacted("a.json", json)("s3cr3t-value reader tok-12345 12345678"),
    "[redacted] reader [redacted] [redacted]",
  );
  assert.equal(redacted("a.json", '{\n "password": "hunter2",\n')("hunter2"), "[redacted]");
});

Deno.test("in YAML, block scalars, quotes, aliases, flow maps, numbers as written and duplicates are found", () => {
  const yaml = "connection:\n  accessToken: 'quoted-token'\n  password: |\n    block-secret-1\n" +
    "    block-secret-2\n  passphrase: >-\n    folded\n    secret\n  user: reader\n" +
    "shared: &shared aliased-secret\napi_key: *shared\nflow: {secret: flow-secret}\n" +
    "token: 0123456789\ntoken: second-token\n---\npwd: other-document\n";
  const hidden = redacted("a.yml", yaml);
  const secrets = [
    "quoted-token",
    "block-secret-1",
    "block-secret-2",
    "folded secret",
    "aliased-secret",
    "flow-secret",
    "0123456789",
    "second-token",
    "other-document",
  ];
  for (const secret of secrets) assert.equal(hidden(secret), "[redacted]");
  assert.equal(hidden("reader"), "reader");
  assert.equal(redacted("a.yaml", "a: [\npassword: hunter2\n")("hunter2"), "[redacted]");
  const broken = "password: |\n  block-secret\nx: {\napi_key: hunter2\n";
  assert.equal(redacted("a.yaml", broken)("block-secret hunter2"), "[redacted] [redacted]");
});

Deno.test("in .env files, exported, quoted and multi-line values are found", () => {
  const text = "export DB_PASSWORD='hunter2secret' # remark\nAPI_TOKEN=\"line-one\nline-two\"\n";
  assert.equal(
    redacted("agent.env", text)("hunter2secret line-one line-two"),
    "[redacted] [redacted] [redacted]",
  );
});

Deno.test("a private key is found in a file of any name, and a certificate is not a secret", () => {
  const body = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj", "short=="];
  const pem = `-----BEGIN RSA PRIVATE KEY-----\n${
    body.join("\n")
  }\n-----END RSA PRIVATE KEY-----\n`;
  assert.equal(redacted("key", pem)(body.join(" ")), "[redacted] [redacted] [redacted]");
  const certificate = pem.replaceAll("RSA PRIVATE KEY", "CERTIFICATE");
  assert.equal(redacted("ca.pem", certificate)(body.join(" ")), body.join(" "));
});

Deno.test("passwords in URLs are found, encoded and decoded", () => {
  const text = "jdbc.url=jdbc\\:postgresql\\://reader\\:pa%24%24word@db/x?ssl\\=on\n" +
    "other.url=jdbc\\:sqlserver\\://db;user\\=sa;password\\=param-secret;x\\=1\n";
  assert.equal(
    redacted("x.properties", text)("reader pa%24%24word pa$$word param-secret"),
    "reader [redacted] [redacted] [redacted]",
  );
});

Deno.test("a binary file is not searched", () => {
  assert.deepEqual(secretsIn("password=hunter2\0", "store.jks"), []);
});
