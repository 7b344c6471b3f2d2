/** ./dev docs: writes the reference pages that are made from the code. */

import { GENERATED } from "./docs/generated.ts";
import { main } from "./main.ts";
import { readOptions } from "./options.ts";
import { ROOT } from "./paths.ts";
import { print } from "./steps.ts";

await main(async () => {
  readOptions("docs", {});
  for (const { path, make } of GENERATED) {
    await Deno.writeTextFile(`${ROOT}/${path}`, await make());
    print(path);
  }
  return 0;
});
