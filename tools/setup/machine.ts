/** What set-up asks of a machine before it changes anything on it. */

import { capture } from "../cli/run.ts";
import { installableSystem } from "./apt.ts";

export interface Machine {
  /** Runs a program and answers what it says; one that is not there is code 127. */
  readonly capture: typeof capture;
  /** The system, when it is one on which we may install packages. */
  readonly installableSystem: typeof installableSystem;
}

export const THIS_MACHINE: Machine = { capture, installableSystem };
