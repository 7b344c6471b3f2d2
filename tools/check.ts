/** ./dev check: format, lint and types, in seconds. */

import { checks } from "./test/checks.ts";
import { main } from "./main.ts";

await main(async () => await checks() ? 0 : 1);
