/** The generated pages are up to date. */

import assert from "node:assert/strict";
import { GENERATED } from "../../tools/docs/generated.ts";
import { pageAt } from "./support/pages.ts";

for (const { path, make } of GENERATED) {
  Deno.test(`${path} is as "./dev docs" writes it`, async () => {
    assert.equal(pageAt(path).text, await make());
  });
}
