/** Each form in which an operator may hand an agent its credentials. */

import assert from "node:assert/strict";
import { redactor } from "../../../orchestrator/outcome/redact.ts";
import { secretsIn } from "../../../orchestrator/outcome/secrets_in.ts";

const hide = (name: string, text: string) => redactor(secretsIn(text, name));

Deno.test("properties: suffixes, escapes, continued lines, every separator", () => {
  const text =
    "# remark\nuser=reader\ntableau.password.1 = pa\\:ss=word\nbigeye.apikey.2: abc123def\n" +
    "db.pwd.3 spaced-value\nclient.secret.1=first-half-\\\n    second-half\n";
  assert.equal(
    hide("x.properties", text)(
      "reader pa:ss=word pa\\:ss=word abc123def spaced-value first-half-second-half",
    ),
    "reader [redacted] [redacted] [redacted] [redacted] [redacted]",
  );
});

Deno.test("JSON: nested, in lists, as numbers, and where it is broken", () => {
  const json = '{"auth":{"client_secret":"s3cr3t-value","user":"reader"},"tokens":["tok-12345"],' +
    '"password":12345678}';
  assert.equal(
    hide("a.json", json)("s3cr3t-value reader tok-12345 12345678"),
    "[redacted] reader [redacted] [redacted]",
  );
  assert.equal(hide("a.json", '{\n "password": "hunter2",\n')("hunter2"), "[redacted]");
});

Deno.test("YAML: block scalars, quotes, aliases, flow maps, numbers as written, duplicates", () => {
  const yaml = "connection:\n  accessToken: 'quoted-token'\n  password: |\n    block-secret-1\n" +
    "    block-secret-2\n  passphrase: >-\n    folded\n    secret\n  user: reader\n" +
    "shared: &shared aliased-secret\napi_key: *shared\nflow: {secret: flow-secret}\n" +
    "token: 0123456789\ntoken: second-token\n---\npwd: other-document\n";
  const hidden = hide("a.yml", yaml);
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
  assert.equal(hide("a.yaml", "a: [\npassword: hunter2\n")("hunter2"), "[redacted]");
  const broken = "password: |\n  block-secret\nx: {\napi_key: hunter2\n";
  assert.equal(hide("a.yaml", broken)("block-secret hunter2"), "[redacted] [redacted]");
});

Deno.test("environment files: exported, quoted, over several lines", () => {
  const text = "export DB_PASSWORD='hunter2secret' # remark\nAPI_TOKEN=\"line-one\nline-two\"\n";
  assert.equal(
    hide("agent.env", text)("hunter2secret line-one line-two"),
    "[redacted] [redacted] [redacted]",
  );
});

Deno.test("a private key in a file of any name is known by its lines", () => {
  const body = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj", "short=="];
  const pem = `-----BEGIN RSA PRIVATE KEY-----\n${
    body.join("\n")
  }\n-----END RSA PRIVATE KEY-----\n`;
  assert.equal(hide("key", pem)(body.join(" ")), "[redacted] [redacted] [redacted]");
  const certificate = pem.replaceAll("RSA PRIVATE KEY", "CERTIFICATE");
  assert.equal(hide("ca.pem", certificate)(body.join(" ")), body.join(" "));
});

Deno.test("passwords inside addresses are known, as written and as meant", () => {
  const text = "jdbc.url=jdbc\\:postgresql\\://reader\\:pa%24%24word@db/x?ssl\\=on\n" +
    "other.url=jdbc\\:sqlserver\\://db;user\\=sa;password\\=param-secret;x\\=1\n";
  assert.equal(
    hide("x.properties", text)("reader pa%24%24word pa$$word param-secret"),
    "reader [redacted] [redacted] [redacted]",
  );
});

Deno.test("a file that is no text holds no keys", () => {
  assert.deepEqual(secretsIn("password=hunter2\0", "store.jks"), []);
});
