/** ./dev record: records the workflow histories that the replay test replays. */

import { record, WAYS } from "../../tests/control_plane/workflows/recorder/mod.ts";
import { main } from "../cli/main.ts";
import { readOptions, WrongUsage } from "../cli/options.ts";
import { temporal } from "../setup/temporal.ts";
import { step } from "../cli/steps.ts";

await main(async () => {
  const { way } = readOptions("record", {
    way: {
      type: "string",
      says: "record only this one; the name of its file without the extension",
    },
  });
  if (way !== undefined && !WAYS.includes(way)) {
    throw new WrongUsage(`Cannot find the way "${way}"; the ways are ${WAYS.join(", ")}`);
  }
  Deno.env.set("BIGEYE_TEST_TEMPORAL", await temporal());
  for (const name of way === undefined ? WAYS : [way]) await step(name, () => record(name));
  return 0;
});
