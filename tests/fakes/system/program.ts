/** Writes scripts that a test runs as programs. */

import { capture } from "../../../tools/cli/run.ts";

/**
 * Writes a shell script as a program of mode 0755. Another process writes the final file: the kernel does not
 * run a file that is open for writing, and a child that another test starts could inherit a file that this
 * process writes.
 */
export async function writeProgram(path: string, script: string): Promise<void> {
  const text = `${path}.txt`;
  await Deno.writeTextFile(text, `#!/bin/sh\n${script}\n`);
  const { code, stderr } = await capture(["install", "-m", "755", text, path]);
  if (code !== 0) throw new Error(stderr);
  await Deno.remove(text);
}
