/** ./dev check: checks format, lint and types. Takes seconds. */

import { checks } from "../test/checks.ts";
import { main } from "../cli/main.ts";
import { readOptions } from "../cli/options.ts";

await main(async () => {
  readOptions("check", {});
  return await checks() ? 0 : 1;
});
