/** Reads a file that contains a secret. */

import type { Files, Log } from "../../lib/ports.ts";

export interface SecretFileNeeds {
  readonly files: Pick<Files, "readText" | "stat">;
  readonly log: Log;
}

const READ_BY_OTHERS = 0o004;
/** Container runtimes mount secrets here, readable by all users; the container has only one. */
const OF_THE_RUNTIME = "/run/secrets/";

/** Reads the file, and warns if every user may read it. A refusal would only stop the service, not undo a leak. */
export async function readSecretFile(
  path: string,
  { files, log }: SecretFileNeeds,
): Promise<string | undefined> {
  const info = await files.stat(path);
  if (info && (info.mode & READ_BY_OTHERS) !== 0 && !path.startsWith(OF_THE_RUNTIME)) {
    log("warn", "a file with a secret is readable by every user", {
      file: path,
      hint: `Run "chmod o= '${path}'"`,
    });
  }
  return await files.readText(path);
}
