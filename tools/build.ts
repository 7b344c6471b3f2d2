/** ./dev build: the two binaries and the two images. */

import { parseArgs } from "node:util";
import { buildBinaries } from "./build/binaries.ts";
import { buildImages } from "./build/images.ts";
import { printSizes } from "./build/sizes.ts";
import { main } from "./main.ts";
import { setUp } from "./setup/mod.ts";

await main(async () => {
  const { values } = parseArgs({
    options: {
      base: { type: "string" },
      compressed: { type: "boolean", default: false },
    },
  });
  const { denort } = await setUp({ docker: true, denort: true });
  if (denort === undefined) return 1;
  await buildBinaries(denort);
  const images = await buildImages({ tagPrefix: "bigeyedata", ...values });
  await printSizes(images, values.compressed);
  return 0;
});
