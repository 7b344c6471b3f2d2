/** How Docker's output is read before a host is registered. */

import assert from "node:assert/strict";
import { checkDocker } from "../../../commands/register/preflight.ts";
import { fakeDocker } from "../../fakes/docker/cli.ts";
import { memoryFiles } from "../../fakes/system/memory_files.ts";

// Root's ~/.docker/config.json with mode 0600 is one of many such warnings.
const WARNING =
  "WARNING: Error loading config file: /root/.docker/config.json: permission denied\n";

const ANSWERS = {
  "on stderr": (version: string) => ({ stdout: `${version}\n`, stderr: WARNING }),
  "on stdout": (version: string) => ({ stdout: `${WARNING}${version}\n` }),
};

for (const [where, answer] of Object.entries(ANSWERS)) {
  Deno.test(`a Docker that prints a warning ${where} is accepted`, async () => {
    const exec = fakeDocker();
    exec.answer("docker info", answer("20.10.24+dfsg1"));
    exec.answer("docker compose version", answer("v2.26.1-4"));
    const files = memoryFiles({ "/var/run/docker.sock": "" });
    assert.deepEqual(await checkDocker({ exec, files, stop: new AbortController().signal }), {
      compose: "2.26.1-4",
      engine: "20.10.24+dfsg1",
      socketGid: 1000,
    });
  });
}
