/** The newest Deno, on which the unit tests also run, so that the pin can move in one line. */

import { step } from "../cli/steps.ts";
import { cached } from "./cache.ts";
import { mustHash } from "./hash.ts";
import { fileFromNpm } from "./npm_package.ts";

const VERSION = "2.9.6";
const SHA256 = "bceb5b6a6239b0b010418406d8c77a508f67cf4337d94288f1c19fe71304aab0";

/** Path of the newest Deno. */
export async function newestDeno(): Promise<string> {
  const folder = await cached(
    `deno-${VERSION}`,
    (folder) =>
      step(`Deno ${VERSION} from npm`, async () => {
        const bytes = await fileFromNpm(`@deno/linux-x64-glibc@${VERSION}`, "deno", folder);
        mustHash(bytes, SHA256, `Deno ${VERSION}`);
        await Deno.writeFile(`${folder}/deno`, bytes, { mode: 0o755 });
      }),
  );
  return `${folder}/deno`;
}
