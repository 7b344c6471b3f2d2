/** The ports that every command of `bigeye-control-plane` receives. */

import type { CliTools } from "../../lib/cli/application.ts";
import type {
  Clock,
  Env,
  Exec,
  Fetch,
  Files,
  FreePort,
  LockFile,
  Log,
  ProbeTls,
  ServeHttp,
} from "../../lib/ports.ts";

export interface PlaneTools extends CliTools {
  readonly clock: Clock;
  /** A fetch for one server that ignores the environment's proxy settings. */
  readonly direct: (url: string) => Fetch;
  readonly env: Env;
  readonly exec: Exec;
  readonly files: Files;
  readonly freePort: FreePort;
  readonly probeTls: ProbeTls;
  readonly lockFile: LockFile;
  readonly log: Log;
  readonly serveHttp: ServeHttp;
  /** Base of relative paths. */
  readonly folder: string;
}
