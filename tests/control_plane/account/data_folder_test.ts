/** The data folder: closed to other users, and locked. */

import assert from "node:assert/strict";
import {
  lockDataFolder,
  lockSharedFolder,
  openDataFolder,
} from "../../../control_plane/account/data_folder.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { systemFiles as files, systemLockFile } from "../../../lib/system/files.ts";
import { manualClock } from "../../fakes/system/clock.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";

const withCode = (code: string) => (error: unknown) =>
  error instanceof Problem && error.code === code;

// Another user of the machine reads the account's private key from the data folder.
Deno.test("a folder that others can read is refused, a new one is closed to them", () =>
  inFolder(async (folder) => {
    const fresh = `${folder}/a/b`;
    await openDataFolder(files, fresh);
    assert.equal((await files.stat(fresh))?.mode, 0o700);
    await files.chmod(fresh, 0o750);
    await assert.rejects(openDataFolder(files, fresh), withCode("data_folder_open"));
  }));

Deno.test("a data folder has one control plane at a time", () =>
  inFolder(async (folder) => {
    {
      using _first = await lockDataFolder(systemLockFile, folder);
      await assert.rejects(lockDataFolder(systemLockFile, folder), {
        code: "data_folder_in_use",
        message: `Cannot start a second control plane on "${folder}": another one uses it`,
        hint: "Stop that one first, or name another folder with --data",
        exit: "conflict",
      });
    }
    using _next = await lockDataFolder(systemLockFile, folder);
  }));

Deno.test("on a shared folder the second one waits until the first has let go", () =>
  inFolder(async (folder) => {
    const clock = manualClock();
    const signal = new AbortController().signal;
    const first = await lockDataFolder(systemLockFile, folder);
    const turn = Promise.withResolvers<void>();
    const waiting = lockSharedFolder(systemLockFile, folder, {
      clock: {
        ...clock,
        sleep() {
          first[Symbol.dispose]();
          turn.resolve();
          return Promise.resolve();
        },
      },
      signal,
    });
    await turn.promise;
    using _second = await waiting;
  }));
