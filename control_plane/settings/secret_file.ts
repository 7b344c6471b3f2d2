/** Reads a file that an operator has put a secret into. */

import type { Files, Log } from "../../lib/ports.ts";

export interface SecretFileNeeds {
  readonly files: Pick<Files, "readText" | "stat">;
  readonly log: Log;
}

const READ_BY_OTHERS = 0o004;
/** A container's runtime puts secrets there, readable by all users; there is no other one in there. */
const OF_THE_RUNTIME = "/run/secrets/";

/** Warns where every user of the machine may read it; to refuse what has leaked would only end a service. */
export async function readSecretFile(
  path: string,
  { files, log }: SecretFileNeeds,
): Promise<string | undefined> {
  const info = await files.stat(path);
  if (info && (info.mode & READ_BY_OTHERS) !== 0 && !path.startsWith(OF_THE_RUNTIME)) {
    log("warn", "every user of this machine may read a file with a secret", {
      file: path,
      hint: `Run "chmod o= '${path}'"`,
    });
  }
  return await files.readText(path);
}
