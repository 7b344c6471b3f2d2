/** How a verb of ./dev ends when it is interrupted. */

import assert from "node:assert/strict";
import { ROOT } from "../../../tools/cli/paths.ts";

/** Ctrl-C reaches children as well, so that a child's end may be heard of before the signal is. */
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

Deno.test("a verb that fails of Ctrl-C was interrupted, and ends with 130", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", VERB],
    cwd: ROOT,
  }).output();
  const text = new TextDecoder();
  assert.deepEqual({ code, stdout: text.decode(stdout), stderr: text.decode(stderr) }, {
    code: 130,
    stdout: "",
    stderr: "Stopped before the end; putting everything away\n",
  });
});
