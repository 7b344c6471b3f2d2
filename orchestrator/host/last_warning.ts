/** Remembers the last warning or error of the log. Heartbeats report it, so that Bigeye's pages show it. */

import type { HostReport } from "../../lib/contract/host.ts";
import type { Clock, Log } from "../../lib/ports.ts";
import { plainText } from "../outcome/redaction.ts";

export interface LastWarning {
  /** Writes to the original log. */
  readonly log: Log;
  /** The last warning or error, or `undefined` before the first. */
  last(): HostReport["complaint"];
}

const MOST_CHARACTERS = 500;

export function recordLastWarning(log: Log, clock: Pick<Clock, "now">): LastWarning {
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

/** An error may quote text of other programs, such as a registry's answer. */
function oneLine(text: string): string {
  const line = plainText(text).replaceAll(/\s+/g, " ").trim();
  // The cut may split a surrogate pair.
  return line.slice(0, MOST_CHARACTERS).toWellFormed();
}
