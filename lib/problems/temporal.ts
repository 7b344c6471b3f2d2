/** What can go wrong with Temporal: on the way to a run, and with a server of our own. */

import { Problem } from "./problem.ts";

/** The host reports on a run whose workflow has ended, so nobody would learn of its end. */
export function runClosed(runId: string): Problem {
  return new Problem({
    code: "run_closed",
    message: `Cannot report on run "${runId}": it has ended already`,
    hint: "Open the run in Bigeye to see how it ended, then trigger its job again",
    exit: "conflict",
  });
}

/** Where there is no Temporal to be used, the control plane brings one of its own. */
export function temporalServerMissing(program: string): Problem {
  return new Problem({
    code: "temporal_server_missing",
    message: `Cannot start a Temporal server: there is no program "${program}"`,
    hint: "Install the Temporal CLI (https://docs.temporal.io/cli), or name its program with " +
      "--temporal-server, or set --temporal-address to a Temporal that is there",
    exit: "prerequisite",
  });
}

/** What ends a Temporal server whose control plane was killed. */
export function launcherMissing(): Problem {
  return new Problem({
    code: "temporal_launcher_missing",
    message: 'Cannot start a Temporal server: there is no program "setpriv" on the PATH',
    hint: 'Run "apt-get install util-linux", or set --temporal-address to a Temporal that is there',
    exit: "prerequisite",
  });
}

/** The details are its own words. */
export function temporalServerEnded(program: string, words: readonly string[]): Problem {
  return new Problem({
    code: "temporal_server_ended",
    message: `Cannot keep the Temporal server running: "${program}" has ended`,
    hint: "Read what it said; set --temporal-address to use a Temporal that is there instead",
    exit: "prerequisite",
    details: words.map((message) => ({ message })),
  });
}

export function temporalServerSilent(address: string, seconds: number): Problem {
  return new Problem({
    code: "temporal_server_silent",
    message:
      `Cannot reach the Temporal server at "${address}": it does not answer for ${seconds} s`,
    hint: "Look whether this machine has memory and CPU left, and start the control plane again",
    exit: "prerequisite",
  });
}
