/** Composition root of `bigeye-control-plane`: real ports, command table, run, exit. */

import { runCli } from "../lib/cli/application.ts";
import { explainedFiles, explainedLockFile } from "../lib/system/explained_files.ts";
import {
  directFetch,
  jsonLog,
  stopSignals,
  systemClock,
  systemEnv,
  systemExec,
  systemFiles,
  systemTerminal,
} from "../lib/system/mod.ts";
import { systemFreePort } from "../lib/system/free_port.ts";
import { systemServeHttp } from "../lib/system/http.ts";
import { systemLockFile } from "../lib/system/lock_file.ts";
import { systemKnockTls } from "../lib/system/tls.ts";
import { keepTimersFiring } from "../lib/system/timers.ts";
import { VERSION } from "../lib/version.ts";
import { ROUTES } from "./commands/table.ts";

keepTimersFiring();
const program = { name: "bigeye-control-plane", version: VERSION, routes: ROUTES };

const code = await runCli(program, Deno.args, {
  terminal: systemTerminal,
  stop: stopSignals().signal,
  clock: systemClock,
  direct: directFetch,
  env: systemEnv,
  exec: systemExec,
  files: explainedFiles(systemFiles),
  freePort: systemFreePort,
  knockTls: systemKnockTls,
  lockFile: explainedLockFile(systemLockFile),
  log: jsonLog(systemTerminal.note),
  serveHttp: systemServeHttp,
  folder: Deno.cwd(),
});
Deno.exit(code);
