/** A module of the tests in a separate process, which a test can kill. */

import { eventLog } from "../time/event_log.ts";

export interface Killable {
  /** The lines that it has printed. */
  readonly lines: readonly string[];
  /** Resolves when it has printed the line. */
  until(line: string): Promise<void>;
  /** Sends SIGKILL, and resolves once it has ended. */
  kill(): Promise<void>;
}

/** Starts the module, which reads `orders` as JSON from its standard input. */
export async function startKillable(module: string, orders: unknown): Promise<Killable> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", module],
    cwd: new URL("../../..", import.meta.url),
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(orders)));
  await writer.close();
  const log = eventLog();
  const reading = child.stdout.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write: (text) => text.split("\n").filter((line) => line !== "").forEach(log.add),
    }),
  );
  return {
    lines: log.events,
    until: (line) => log.until(line),
    async kill() {
      child.kill("SIGKILL");
      await Promise.all([child.status, reading]);
    },
  };
}

/** Prints a line in one write, so that a reader gets it whole. */
export function printLine(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
