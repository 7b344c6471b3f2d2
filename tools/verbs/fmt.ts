/** ./dev fmt: formats all files as ./dev check expects. */

import { main } from "../cli/main.ts";
import { readOptions } from "../cli/options.ts";
import { ROOT } from "../cli/paths.ts";
import { attach } from "../cli/run.ts";

await main(() => {
  readOptions("fmt", {});
  return attach([Deno.execPath(), "fmt"], { cwd: ROOT });
});
