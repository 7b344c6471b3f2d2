/** Addresses of the pages. */

import assert from "node:assert/strict";
import { ownPath, withQuery } from "../../../control_plane/pages/paths.ts";

Deno.test("an address from a request is used only if it is ours", () => {
  assert.equal(ownPath("/settings/agents/jobs?x=1", "/else"), "/settings/agents/jobs?x=1");
  for (const foreign of ["//evil.test", "/\\evil.test", "https://evil.test", "", null]) {
    assert.equal(ownPath(foreign, "/else"), "/else");
  }
  assert.equal(withQuery("/runs", { host: "a b", status: "", job: undefined }), "/runs?host=a+b");
});
