/** The tools that commands are given: every effect they may cause, for real. */

import type { CliTools } from "../lib/cli/application.ts";
import { type Ask, terminalAsk } from "../lib/cli/ask.ts";
import { explainedFiles } from "../lib/system/explained_files.ts";
import { interruptibleExec, systemExec } from "../lib/system/exec.ts";
import { generateKeyPair, type KeyPair } from "../lib/crypto/keys.ts";
import type { Clock, Env, Exec, Fetch, Files, Identity, Log, ServeHttp } from "../lib/ports.ts";
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
} from "../lib/system/process.ts";
import { systemFiles } from "../lib/system/files.ts";
import { releaseProgramPages } from "../lib/system/program_pages.ts";

export interface Tools extends CliTools {
  /** Absolute path of the folder that holds `bigeye_agent.yml`: where the command was typed. */
  readonly folder: string;
  readonly ask: Ask;
  readonly clock: Clock;
  readonly env: Env;
  readonly exec: Exec;
  readonly files: Files;
  readonly identity: Identity;
  /** Chance, and seconds of work: a test has its own. */
  newKeyPair(): Promise<KeyPair>;
  /** What the two services write on stdout, which is where Docker keeps a container's log. */
  readonly log: Log;
  readonly serveHttp: ServeHttp;
  /** Gives back memory that a service can do without. */
  readonly releaseMemory: () => void;
  /** A way to the network; made when a command knows its proxy and its authorities. */
  network(options: NetworkOptions): Fetch;
  /** A way to the Docker Engine behind a Unix socket. */
  engineAt(socket: string): Fetch;
  /** A way to one HTTP server that no forward proxy stands in. */
  direct(url: string): Fetch;
}

/** Makes the tools; nothing is opened or read yet. */
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
    newKeyPair: generateKeyPair,
    log: jsonLog(systemTerminal.say),
    serveHttp: systemServeHttp,
    releaseMemory: releaseProgramPages,
    network: systemFetch,
    engineAt: engineSocketFetch,
    direct: directFetch,
  };
}
