/** Tests how a verb of ./dev ends after Ctrl-C. */

import assert from "node:assert/strict";
import { ROOT } from "../../../tools/cli/paths.ts";

/** A verb whose child process ends first, because Ctrl-C reaches child processes too. */
const VERB = `
import { heedInterrupts } from "${ROOT}/tools/cli/interrupted.ts";
import { main } from "${ROOT}/tools/cli/main.ts";

await main(async () => {
  heedInterrupts();
  try {
    throw new Error("the child has ended");
  } finally {
    const { promise, resolve } = Promise.withResolvers();
    Deno.addSignalListener("SIGINT", resolve);
    Deno.kill(Deno.pid, "SIGINT");
    await promise;
  }
});`;

Deno.test("a verb that fails because of Ctrl-C ends with 130 and shows no stack", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", VERB],
    cwd: ROOT,
  }).output();
  const text = new TextDecoder();
  assert.deepEqual({ code, stdout: text.decode(stdout), stderr: text.decode(stderr) }, {
    code: 130,
    stdout: "",
    stderr: "Stopped before the end; cleaning up\n",
  });
});
