/** The pages that are made from the code say what the code says now. */

import assert from "node:assert/strict";
import { GENERATED } from "../../tools/docs/generated.ts";
import { pageAt } from "./support/pages.ts";

for (const { path, make } of GENERATED) {
  Deno.test(`${path} is what "./dev docs" writes`, async () => {
    assert.equal(pageAt(path).text, await make());
  });
}
