import assert from "node:assert/strict";

/** Prints the resident memory that is backed by files (proc(5), kB), before and after. */
const PROGRAM = `
import { releaseProgramPages } from "${
  import.meta.resolve("../../../lib/system/program_pages.ts")
}";
const fromFiles = () => Number(/RssFile:\\s+(\\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))[1]);
const before = fromFiles();
releaseProgramPages();
console.log(JSON.stringify({ before, after: fromFiles() }));
`;

Deno.test("releasing a program's pages leaves less than half of what its start has touched", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const program = new Deno.Command(Deno.execPath(), { args: ["eval", PROGRAM] });
  const { stdout } = await program.output();
  const { before, after } = JSON.parse(new TextDecoder().decode(stdout));
  assert.equal(after < before / 2, true, `${before} kB before, ${after} kB after`);
});
