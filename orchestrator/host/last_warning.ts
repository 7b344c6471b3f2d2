/** What this host last complained of, for those who look at it from afar. */

import type { HostReport } from "../../lib/contract/host.ts";
import { plainText } from "../outcome/plain_text.ts";
import type { Clock, Log } from "../../lib/ports.ts";

export interface Complaints {
  /** The same log, which is listened to. */
  readonly log: Log;
  /** The last warning or error; nothing before the first. */
  last(): HostReport["complaint"];
}

const MOST_CHARACTERS = 500;

export function listeningForComplaints(log: Log, clock: Pick<Clock, "now">): Complaints {
  let last: HostReport["complaint"];
  return {
    log(level, message, fields) {
      log(level, message, fields);
      if (level !== "warn" && level !== "error") return;
      const why = typeof fields?.error === "string" ? `: ${fields.error}` : "";
      last = { at: clock.now().toISOString(), message: oneLine(`${message}${why}`) };
    },
    last: () => last,
  };
}

/** What others said may be in it, the daemon for one. */
function oneLine(text: string): string {
  const line = plainText(text).replaceAll(/\s+/g, " ").trim();
  // The cut may halve a pair of surrogates.
  return line.slice(0, MOST_CHARACTERS).toWellFormed();
}
