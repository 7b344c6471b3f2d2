/** ./dev check: format, lint and types, in seconds. */

import { checks } from "./test/checks.ts";
import { main } from "./main.ts";
import { readOptions } from "./options.ts";

await main(async () => {
  readOptions("check", {});
  return await checks() ? 0 : 1;
});
