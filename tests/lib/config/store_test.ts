/** A change of `bigeye_agent.yml` keeps its mode and owner, and loses no change of the operator. */

import assert from "node:assert/strict";
import { readConfig, withChanges, writeConfig } from "../../../lib/config/store.ts";
import { configChanged } from "../../../lib/problems/host.ts";
import { ownedFiles } from "../../fakes/system/owned_files.ts";

const PATH = "/host/bigeye_agent.yml";
const ENABLED = [{ path: ["docker_compose_enabled"], value: true }] as const;

/** A file of uid 1000 with mode 0640, read and changed by root. */
async function changed() {
  const files = ownedFiles({ [PATH]: "# mine\n" }, { owner: { uid: 0, gid: 0 } });
  await files.chown(PATH, 1000, 1001);
  await files.chmod(PATH, 0o640);
  const before = await readConfig(PATH, files);
  return { files, before, after: withChanges(before, ENABLED) };
}

Deno.test("a changed bigeye_agent.yml keeps its mode and its owner", async () => {
  const { files, before, after } = await changed();
  await writeConfig(before, after, files);
  assert.deepEqual(files.snapshot(), {
    [PATH]: { owned: "640 1000:1001", text: "# mine\ndocker_compose_enabled: true\n" },
  });
});

Deno.test("bigeye_agent.yml is not written if it was changed since it was read", async () => {
  const { files, before, after } = await changed();
  await files.writeText(PATH, "# theirs\n", { mode: 0o600, owner: { uid: 1000, gid: 1000 } });
  const theirs = files.snapshot();
  await assert.rejects(() => writeConfig(before, after, files), configChanged(PATH));
  assert.deepEqual(files.snapshot(), theirs);
});

Deno.test("bigeye_agent.yml is not created again if it was removed since it was read", async () => {
  const { files, before, after } = await changed();
  await files.remove(PATH);
  await assert.rejects(() => writeConfig(before, after, files), configChanged(PATH));
  assert.deepEqual(files.snapshot(), {});
});
