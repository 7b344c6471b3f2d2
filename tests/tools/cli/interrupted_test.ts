/** What happens to child processes when a tool of ./dev gets a signal. */

import assert from "node:assert/strict";
import { ROOT } from "../../../tools/cli/paths.ts";
import { INTERRUPTED_EXIT } from "../../../tools/cli/interrupted.ts";

/** Starts a child that never ends, prints its process id, and waits. */
const TOOL = `
import { endWhenInterrupted, heedInterrupts, orInterrupted } from "${ROOT}/tools/cli/interrupted.ts";
heedInterrupts();
const child = new Deno.Command("sleep", { args: ["infinity"] }).spawn();
endWhenInterrupted(child);
console.log(child.pid);
await orInterrupted(child.status).catch(() => {});
await child.status;
Deno.exit(${INTERRUPTED_EXIT});
`;

Deno.test("a signal to a tool alone ends its children too", async () => {
  const tool = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", TOOL],
    stdout: "piped",
    stdin: "null",
  }).spawn();
  const reader = tool.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value: pid = "" } = await reader.read();
  tool.kill("SIGTERM");
  // The tool ends only after its child has.
  assert.equal((await tool.status).code, INTERRUPTED_EXIT);
  await reader.cancel();
  assert.throws(() => Deno.kill(Number(pid), "SIGCONT"), Deno.errors.NotFound);
});
