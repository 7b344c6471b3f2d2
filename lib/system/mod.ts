/** The ports for real: with the files beside it, the only user of Deno, timers, fetch and streams. */

import { Interrupted } from "../async/abort.ts";
import type { Clock, Env, Identity, Log, LogLevel, Terminal } from "../ports.ts";
import { sleepBy } from "../async/timing.ts";

export { systemExec } from "./exec.ts";
export { systemFiles } from "./files.ts";
export { directFetch, engineSocketFetch, systemFetch } from "./fetch.ts";

function after(ms: number, late: () => void): () => void {
  const timer = setTimeout(late, ms);
  return () => clearTimeout(timer);
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
  after,
  sleep: sleepBy(after),
};

export function systemEnv(name: string): ReturnType<Env> {
  return Deno.env.get(name) || undefined;
}

export function systemIdentity(): Identity {
  return { uid: Deno.uid() ?? 0, gid: Deno.gid() ?? 0 };
}

export const systemTerminal: Terminal = {
  interactive: Deno.stdin.isTerminal() && Deno.stderr.isTerminal(),
  say: (line) => writeLine(Deno.stdout, line),
  note: (line) => writeLine(Deno.stderr, line),
  readInput: () => new Response(Deno.stdin.readable).text(),
};

/** Writes all of a line at once, so that two writers never mix within one. */
function writeLine(stream: typeof Deno.stdout | typeof Deno.stderr, line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  let written = 0;
  while (written < bytes.length) written += stream.writeSync(bytes.subarray(written));
}

const LEVELS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** A log of JSON lines: `time`, `level`, `message`, then the fields. Below `least` nothing is written. */
export function jsonLog(write: (line: string) => void, least: LogLevel = "info"): Log {
  return (level, message, fields = {}) => {
    if (LEVELS[level] < LEVELS[least]) return;
    write(JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }));
  };
}

/**
 * One signal for SIGINT and SIGTERM; its reason is an {@linkcode Interrupted}. A second SIGINT does not
 * wait for the clean-up: it ends the process at once, with code 130 and the terminal as it was.
 */
export function stopSignals(): AbortController {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, () => {
      if (controller.signal.aborted && name === "SIGINT") leaveAtOnce();
      controller.abort(new Interrupted(name));
    });
  }
  return controller;
}

function leaveAtOnce(): never {
  if (Deno.stdin.isTerminal()) Deno.stdin.setRaw(false);
  Deno.exit(130);
}
