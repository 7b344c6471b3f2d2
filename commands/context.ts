/** The tools of commands: every effect that they may cause. */

import type { CliTools } from "../lib/cli/application.ts";
import { type Ask, terminalAsk } from "../lib/cli/ask.ts";
import { explainedFiles, explainedLockFile } from "../lib/system/explained_files.ts";
import { interruptibleExec, systemExec } from "../lib/system/exec.ts";
import { generateKeyPair, type KeyPair } from "../lib/crypto/keys.ts";
import type {
  Clock,
  Env,
  Exec,
  Fetch,
  Files,
  Identity,
  LockFile,
  Log,
  ServeHttp,
  Uptime,
} from "../lib/ports.ts";
import {
  directFetch,
  engineSocketFetch,
  type NetworkOptions,
  systemFetch,
  systemServeHttp,
} from "../lib/system/network.ts";
import {
  jsonLog,
  systemClock,
  systemEnv,
  systemIdentity,
  systemTerminal,
  systemUptime,
} from "../lib/system/process.ts";
import { systemFiles, systemLockFile } from "../lib/system/files.ts";
import { releaseProgramPages } from "../lib/system/memory.ts";

export interface Tools extends CliTools {
  /** Absolute path of the current folder, which holds `bigeye_agent.yml`. */
  readonly folder: string;
  readonly ask: Ask;
  readonly clock: Clock;
  readonly env: Env;
  readonly exec: Exec;
  readonly files: Files;
  readonly identity: Identity;
  readonly lockFile: LockFile;
  /** Creates a random key pair, which takes seconds. Tests replace it. */
  newKeyPair(): Promise<KeyPair>;
  /** Writes the log of the two services to stdout, where Docker keeps it. */
  readonly log: Log;
  readonly serveHttp: ServeHttp;
  /** Returns memory to the system that a service does not need. */
  readonly releaseMemory: () => void;
  readonly uptime: Uptime;
  /** Makes a fetch with the proxy and CAs that a command found. */
  network(options: NetworkOptions): Fetch;
  /** Makes a fetch to the Docker Engine at a Unix socket. */
  engineAt(socket: string): Fetch;
  /** Makes a fetch to one HTTP server without the forward proxy. */
  direct(url: string): Fetch;
}

/** Makes the real tools. Nothing is opened or read yet. */
export function realTools({ folder, stop }: Pick<Tools, "folder" | "stop">): Tools {
  return {
    folder,
    stop,
    terminal: systemTerminal,
    ask: terminalAsk(stop),
    clock: systemClock,
    env: systemEnv,
    exec: interruptibleExec(systemExec),
    files: explainedFiles(systemFiles),
    identity: systemIdentity(),
    lockFile: explainedLockFile(systemLockFile),
    newKeyPair: generateKeyPair,
    log: jsonLog(systemTerminal.say),
    serveHttp: systemServeHttp,
    releaseMemory: releaseProgramPages,
    uptime: systemUptime,
    network: systemFetch,
    engineAt: engineSocketFetch,
    direct: directFetch,
  };
}
