/** Writes scripts that a test then runs as programs. */

import { capture } from "../../../tools/cli/run.ts";

/**
 * Writes a shell script as a program of mode 0755. A copy by another process is what runs: tests share a
 * process, so a file that it writes may be open in a child that another test is starting, and the kernel
 * refuses to run a file that is open for writing.
 */
export async function writeProgram(path: string, script: string): Promise<void> {
  const text = `${path}.txt`;
  await Deno.writeTextFile(text, `#!/bin/sh\n${script}\n`);
  const { code, stderr } = await capture(["install", "-m", "755", text, path]);
  if (code !== 0) throw new Error(stderr);
  await Deno.remove(text);
}
