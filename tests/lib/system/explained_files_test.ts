/** Common failures of a file system become Problems; any other error is passed on. */

import assert from "node:assert/strict";
import { explainedFiles } from "../../../lib/system/explained_files.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { ownedFiles } from "../../fakes/system/owned_files.ts";

const refused = (error: Error) =>
  explainedFiles(ownedFiles({}, {
    before: () => {
      throw error;
    },
  }));

const named = (code: string) => Object.assign(new Error(code), { code });

const REFUSALS: readonly (readonly [Error, string])[] = [
  [named("ENOSPC"), "disk_full"],
  [named("EDQUOT"), "disk_full"],
  [named("EROFS"), "disk_read_only"],
  [named("EACCES"), "path_unwritable"],
  [new Deno.errors.PermissionDenied("no"), "path_unwritable"],
];

for (const [error, code] of REFUSALS) {
  Deno.test(`${error.name} ${error.message} on a write is ${code}`, async () => {
    await assert.rejects(
      refused(error).writeText("/srv/x", "text"),
      (thrown) => thrown instanceof Problem && thrown.code === code && thrown.cause === error,
    );
  });
}

Deno.test("any other failure is passed on unchanged", async () => {
  const bug = new TypeError("a bug");
  await assert.rejects(refused(bug).makeDir("/srv/x"), (thrown) => thrown === bug);
});
