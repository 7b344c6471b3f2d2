/** Tests how a program that only tests need is found, with this machine's shell. */

import assert from "node:assert/strict";
import { capture } from "../../../tools/cli/run.ts";
import type { Machine } from "../../../tools/setup/apt.ts";
import {
  TEST_PROGRAMS,
  type TestProgram,
  testProgram,
} from "../../../tools/setup/test_programs.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";

const noInstall: Machine = { capture, installableSystem: () => Promise.resolve(undefined) };

/** Links a program that ends with 0 or 1. A script written here could still be open for writing when it runs. */
async function program(path: string, exitCode: 0 | 1): Promise<void> {
  await Deno.symlink(exitCode === 0 ? "/bin/true" : "/bin/false", path);
}

const [postgres] = TEST_PROGRAMS;

Deno.test("the first candidate that runs is used, and for Postgres its folder is returned", () =>
  inFolder(async (folder) => {
    assert(postgres);
    for (const name of ["old", "new"]) await Deno.mkdir(`${folder}/${name}`);
    const wanted: TestProgram = {
      ...postgres,
      places: `${folder}/absent ${folder}/old/initdb ${folder}/new/initdb`,
    };
    await program(`${folder}/old/initdb`, 1);
    await program(`${folder}/new/initdb`, 0);
    assert.equal(await testProgram(wanted, noInstall), `${folder}/new`);
    assert.equal(
      await testProgram({ ...wanted, isFolder: false }, noInstall),
      `${folder}/new/initdb`,
    );
  }));
