/** The data folder: its mode and its lock. */

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

// Attacker: another user of the machine who reads the private key from the data folder.
Deno.test("a data folder that others can read is refused, and a new one is private", () =>
  inFolder(async (folder) => {
    const fresh = `${folder}/a/b`;
    await openDataFolder(files, fresh);
    assert.equal((await files.stat(fresh))?.mode, 0o700);
    await files.chmod(fresh, 0o750);
    await assert.rejects(openDataFolder(files, fresh), withCode("data_folder_open"));
  }));

Deno.test("a second control plane on the same data folder is refused", () =>
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

Deno.test("on a shared folder the second control plane waits for the lock of the first", () =>
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
