/** The version of both binaries; `deno.json` is the one place that says it. */

import manifest from "../deno.json" with { type: "json" };

export const VERSION: string = manifest.version;
