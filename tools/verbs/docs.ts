/** ./dev docs: writes the reference pages that are generated from the code. */

import { GENERATED } from "../docs/generated.ts";
import { main } from "../cli/main.ts";
import { readOptions } from "../cli/options.ts";
import { ROOT } from "../cli/paths.ts";
import { print } from "../cli/steps.ts";

await main(async () => {
  readOptions("docs", {});
  for (const { path, make } of GENERATED) {
    await Deno.writeTextFile(`${ROOT}/${path}`, await make());
    print(path);
  }
  return 0;
});
