/** Composition root of `bigeye-control-plane`: real ports, command table, run, exit. */

import { runCli } from "../lib/cli/application.ts";
import { explainedFiles, explainedLockFile } from "../lib/system/explained_files.ts";
import {
  directFetch,
  systemFreePort,
  systemProbeTls,
  systemServeHttp,
} from "../lib/system/network.ts";
import {
  jsonLog,
  keepTimersFiring,
  stopSignals,
  systemClock,
  systemEnv,
  systemTerminal,
} from "../lib/system/process.ts";
import { systemExec } from "../lib/system/exec.ts";
import { systemFiles, systemLockFile } from "../lib/system/files.ts";
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
  probeTls: systemProbeTls,
  lockFile: explainedLockFile(systemLockFile),
  log: jsonLog(systemTerminal.note),
  serveHttp: systemServeHttp,
  folder: Deno.cwd(),
});
Deno.exit(code);
