/** Files from inside npm packages, fetched by npm's own client, which knows its registry. */

import { run } from "../cli/run.ts";
import { removeFolder } from "./cache.ts";

/** Fetches `spec` (`name@version`) and answers the bytes of one file of it; `folder` is scratch space. */
export async function fileFromNpm(
  spec: string,
  path: string,
  folder: string,
): Promise<Uint8Array> {
  const scratch = `${folder}/npm`;
  await Deno.mkdir(scratch);
  const packed = await run(["npm", "pack", "--silent", spec], {
    cwd: scratch,
    env: { npm_config_cache: `${scratch}/cache` },
  });
  await run(["tar", "-xzf", packed.trim(), `package/${path}`], { cwd: scratch });
  const bytes = await Deno.readFile(`${scratch}/package/${path}`);
  await removeFolder(scratch);
  return bytes;
}
