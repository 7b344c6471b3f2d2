/** ./dev fmt: formats all files as ./dev check wants them. */

import { main } from "./main.ts";
import { readOptions } from "./options.ts";
import { ROOT } from "./paths.ts";
import { attach } from "./run.ts";

await main(() => {
  readOptions("fmt", {});
  return attach([Deno.execPath(), "fmt"], { cwd: ROOT });
});
