/** ./dev build: builds the two binaries and the three images. */

import { buildBinaries } from "../build/binaries.ts";
import { buildImages } from "../build/images.ts";
import { printSizes } from "../build/sizes.ts";
import { main } from "../cli/main.ts";
import { readOptions } from "../cli/options.ts";
import { denort } from "../setup/deno.ts";
import { docker } from "../setup/docker.ts";
import { together } from "../cli/steps.ts";

await main(async () => {
  const { base, compressed } = readOptions("build", {
    base: { type: "string", says: "base image of both programs; default Debian's" },
    compressed: { type: "boolean", says: "print compressed sizes too; takes a minute" },
  });
  await together(docker(), denort().then(buildBinaries));
  const images = await buildImages({
    tagPrefix: "bigeyedata",
    ...(base === undefined ? {} : { base }),
  });
  await printSizes(images, compressed);
  return 0;
});
