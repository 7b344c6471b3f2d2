/** The ports of the process itself: clock, environment, user, terminal, log and stop signals. */

import { Interrupted } from "../async/abort.ts";
import type { Clock, Env, Identity, Log, LogLevel, Terminal, Uptime } from "../ports.ts";
import { sleepBy } from "../async/timing.ts";

function after(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
  after,
  sleep: sleepBy(after),
};

/** How late a lost timer fires at most. A tick every 250 ms costs a tenth of a percent of a core. */
const TICK_MS = 250;

/**
 * Makes timers fire that Deno would lose. Every program calls it first, and ends itself by `Deno.exit`.
 *
 * When timers are due, Deno 2.7 to 2.9.0 notes when the next one will be, and uses that note only after
 * completed operations were resolved. A timer that is set in between, by the callback of a native addon
 * or next to child processes, is missing from the note. The process then sleeps through its timeouts,
 * heartbeats and limits until something else wakes it, which may be never
 * (https://github.com/denoland/deno/pull/35312, fixed in 2.9.1). An interval that was set before is in
 * every note, so a lost timer fires at the interval's next tick.
 */
export function keepTimersFiring(): void {
  setInterval(() => {}, TICK_MS);
}

export function systemEnv(name: string): ReturnType<Env> {
  return Deno.env.get(name) || undefined;
}

export function systemUptime(): ReturnType<Uptime> {
  return Deno.osUptime();
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

/** Writes the whole line at once, so that lines of two writers never mix. */
function writeLine(stream: typeof Deno.stdout | typeof Deno.stderr, line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  let written = 0;
  while (written < bytes.length) written += stream.writeSync(bytes.subarray(written));
}

const LEVELS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** A log of JSON lines: `time`, `level`, `message`, then the fields. Entries below `least` are dropped. */
export function jsonLog(write: (line: string) => void, least: LogLevel = "info"): Log {
  return (level, message, fields = {}) => {
    if (LEVELS[level] < LEVELS[least]) return;
    write(JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }));
  };
}

/**
 * One controller for SIGINT and SIGTERM; it aborts with an {@linkcode Interrupted}. A second SIGINT does
 * not wait for the clean-up: it restores the terminal and exits at once with code 130.
 */
export function stopSignals(): AbortController {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, () => {
      if (controller.signal.aborted && name === "SIGINT") exitAtOnce();
      controller.abort(new Interrupted(name));
    });
  }
  return controller;
}

function exitAtOnce(): never {
  if (Deno.stdin.isTerminal()) Deno.stdin.setRaw(false);
  Deno.exit(130);
}
