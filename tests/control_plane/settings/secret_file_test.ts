/** Files with secrets, and the warning when others may read them. */

import assert from "node:assert/strict";
import { readSecretFile } from "../../../control_plane/settings/secret_file.ts";
import { memoryFiles } from "../../fakes/system/memory_files.ts";

/** Reads a file with this mode. Returns its text and the log. */
async function read(path: string, mode: number) {
  const files = memoryFiles({ [path]: "sesame" });
  const stat = async (path: string) => {
    const info = await files.stat(path);
    return info && { ...info, mode };
  };
  const logged: unknown[] = [];
  const text = await readSecretFile(path, {
    files: { ...files, stat },
    log: (level, _, fields) => void logged.push({ level, ...fields }),
  });
  return { text, logged };
}

// Attacker: another user of the machine who reads the operator's file.
Deno.test("a secret file that every user of the machine may read is read with a warning", async () => {
  const hint = "Run \"chmod o= '/etc/plane/url'\"";
  const warning = { level: "warn", file: "/etc/plane/url", hint };
  for (const mode of [0o644, 0o604]) {
    assert.deepEqual(await read("/etc/plane/url", mode), { text: "sesame", logged: [warning] });
  }
  for (const mode of [0o600, 0o640, 0o400]) {
    assert.deepEqual(await read("/etc/plane/url", mode), { text: "sesame", logged: [] });
  }
});

Deno.test("secrets of a container and missing files cause no warning", async () => {
  assert.deepEqual(await read("/run/secrets/url", 0o444), { text: "sesame", logged: [] });
  const needs = { files: memoryFiles(), log: () => assert.fail("it logs something") };
  assert.equal(await readSecretFile("/etc/plane/url", needs), undefined);
});
