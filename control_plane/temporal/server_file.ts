/** The file of a Temporal server of our own: one that was not finished when it was first made is made anew. */

import type { Files } from "../../lib/ports.ts";

export interface TemporalFile {
  /** To be called as soon as Temporal answers, and before anybody keeps anything in it. */
  answered(): Promise<void>;
  /** To be called when Temporal has ended: one that was not even started has left nothing unfinished. */
  ended(): Promise<void>;
}

/** What SQLite may keep beside a database. */
const PARTS = ["", "-wal", "-shm", "-journal"];

/**
 * To be called before each start of Temporal, which makes its tables one by one where there is no file,
 * and takes any file for whole: one that was killed on the way would never start again. A mark beside
 * the file says that Temporal has not answered on it yet, so that nothing is lost with it.
 */
export async function openTemporalFile(
  files: Pick<Files, "stat" | "writeText" | "remove">,
  path: string,
): Promise<TemporalFile> {
  const mark = `${path}.unfinished`;
  if (await files.stat(mark) !== undefined) {
    for (const part of PARTS) await files.remove(`${path}${part}`);
  } else if (await files.stat(path) === undefined) {
    await files.writeText(mark, "Temporal has not answered on this file yet\n");
  }
  return {
    answered: () => files.remove(mark),
    async ended() {
      if (await files.stat(path) === undefined) await files.remove(mark);
    },
  };
}
