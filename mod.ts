/** Entry point of `bigeye-agent`: real tools, the table of commands, one run, one exit code. */

import { realTools } from "./commands/context.ts";
import { routes } from "./commands/mod.ts";
import { runCli } from "./lib/cli/application.ts";
import { keepTimersFiring, stopSignals } from "./lib/system/process.ts";
import { VERSION } from "./lib/version.ts";

keepTimersFiring();
const tools = realTools({ folder: Deno.cwd(), stop: stopSignals().signal });
const program = { name: "bigeye-agent", version: VERSION, routes };
Deno.exit(await runCli(program, Deno.args, tools));
