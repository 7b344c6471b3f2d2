/** How every verb of ./dev ends: with its exit code, or with words for a person. */

import { keepTimersFiring } from "../../lib/system/process.ts";
import { Interrupted, INTERRUPTED_EXIT, wasInterrupted } from "./interrupted.ts";
import { WrongUsage } from "./options.ts";
import { Refusal } from "./refusal.ts";

/** Exit code of a missing prerequisite, as in the product. */
const PREREQUISITE = 3;
const USAGE = 2;

/** Runs a verb and ends the process; `work` answers the exit code. */
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
