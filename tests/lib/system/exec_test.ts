import assert from "node:assert/strict";
import { systemExec as exec } from "../../../lib/system/exec.ts";

Deno.test("a child's streams and exit code come back apart", async () => {
  const result = await exec.run(["bash", "-c", "echo out; echo $WORD >&2; exit 3"], {
    env: { WORD: "err" },
  });
  assert.deepEqual(result, { code: 3, stdout: "out\n", stderr: "err\n" });
});

Deno.test("a missing program is exit code 127, as in a shell", async () => {
  const result = await exec.run(["no-such-program-here"]);
  assert.deepEqual(result, {
    code: 127,
    stdout: "",
    stderr: "no-such-program-here: command not found",
  });
});

Deno.test("an abort ends the child and rejects with the signal's own reason", async () => {
  const stop = new AbortController();
  const running = exec.run(["sleep", "600"], { signal: stop.signal });
  const reason = new Error("enough");
  stop.abort(reason);
  await assert.rejects(running, (thrown) => thrown === reason);
});
