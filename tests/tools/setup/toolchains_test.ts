import assert from "node:assert/strict";
import { isRecentGo } from "../../../tools/setup/toolchains.ts";

Deno.test("Go 1.21 and newer is recent", () => {
  const answers = ["1.20.9", "1.21.0", "1.26rc1", "2.0"].map((version) =>
    isRecentGo(`go version go${version} linux/amd64`)
  );
  assert.deepEqual(answers, [false, true, true, true]);
});

Deno.test("a missing Go is not recent", () => {
  assert.equal(isRecentGo(""), false);
});
