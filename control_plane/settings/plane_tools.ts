/** What every command of `bigeye-control-plane` is given to work with. */

import type { CliTools } from "../../lib/cli/application.ts";
import type {
  Clock,
  Env,
  Exec,
  Fetch,
  Files,
  FreePort,
  KnockTls,
  LockFile,
  Log,
  ServeHttp,
} from "../../lib/ports.ts";

export interface PlaneTools extends CliTools {
  readonly clock: Clock;
  /** A fetch of one server, whatever proxy the environment names. */
  readonly direct: (url: string) => Fetch;
  readonly env: Env;
  readonly exec: Exec;
  readonly files: Files;
  readonly freePort: FreePort;
  readonly knockTls: KnockTls;
  readonly lockFile: LockFile;
  readonly log: Log;
  readonly serveHttp: ServeHttp;
  /** Where relative paths begin. */
  readonly folder: string;
}
