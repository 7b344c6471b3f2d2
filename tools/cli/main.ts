/** Runs a verb of ./dev and turns its errors into a message and an exit code. */

import { keepTimersFiring } from "../../lib/system/process.ts";
import { Interrupted, INTERRUPTED_EXIT, wasInterrupted } from "./interrupted.ts";
import { WrongUsage } from "./options.ts";
import { Refusal } from "./refusal.ts";

/** The exit code of the product for a missing prerequisite. */
const PREREQUISITE = 3;
const USAGE = 2;

/** Runs a verb and ends the process with the exit code that `work` returns. */
export async function main(work: () => Promise<number>): Promise<never> {
  keepTimersFiring();
  Deno.exit(await work().catch(explain));
}

function explain(error: unknown): number {
  if (wasInterrupted()) {
    say(new Interrupted().message);
    return INTERRUPTED_EXIT;
  }
  if (error instanceof Refusal) {
    say(`${error.message}\n  ${error.hint}`);
    return PREREQUISITE;
  }
  if (error instanceof WrongUsage) {
    say(error.message);
    return USAGE;
  }
  say(error instanceof Error ? error.stack ?? error.message : String(error));
  return 1;
}

function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}
