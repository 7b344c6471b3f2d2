/** Files with secrets: what is said when others may read them. */

import assert from "node:assert/strict";
import { readSecretFile } from "../../../control_plane/settings/secret_file.ts";
import { memoryFiles } from "../../fakes/system/memory_files.ts";

/** What is read of a file that has this mode, and what is said of it. */
async function read(path: string, mode: number) {
  const files = memoryFiles({ [path]: "sesame" });
  const stat = async (path: string) => {
    const info = await files.stat(path);
    return info && { ...info, mode };
  };
  const said: unknown[] = [];
  const text = await readSecretFile(path, {
    files: { ...files, stat },
    log: (level, _, fields) => void said.push({ level, ...fields }),
  });
  return { text, said };
}

// Another user of the machine reads the password of the database in the file that an operator has made.
Deno.test("a secret that every user of the machine may read is complained of, and read", async () => {
  const hint = "Run \"chmod o= '/etc/plane/url'\"";
  const warning = { level: "warn", file: "/etc/plane/url", hint };
  for (const mode of [0o644, 0o604]) {
    assert.deepEqual(await read("/etc/plane/url", mode), { text: "sesame", said: [warning] });
  }
  for (const mode of [0o600, 0o640, 0o400]) {
    assert.deepEqual(await read("/etc/plane/url", mode), { text: "sesame", said: [] });
  }
});

Deno.test("a container's own secrets are nobody else's, and a missing one is just that", async () => {
  assert.deepEqual(await read("/run/secrets/url", 0o444), { text: "sesame", said: [] });
  const needs = { files: memoryFiles(), log: () => assert.fail("it says something") };
  assert.equal(await readSecretFile("/etc/plane/url", needs), undefined);
});
