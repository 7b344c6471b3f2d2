/** Temporal makes the tables of its file where there is none, and never finishes what it has begun. */

import assert from "node:assert/strict";
import { openTemporalFile } from "../../../control_plane/temporal/server.ts";
import { memoryFiles } from "../../fakes/system/memory_files.ts";

const FILE = "/data/temporal.sqlite";
const KEYS = { "/data/bigeye.private.pem": "PEM" };

Deno.test("a file on which Temporal has never come to answer is begun anew", async () => {
  const files = memoryFiles(KEYS);
  await openTemporalFile(files, FILE);
  // Temporal begins, and is killed.
  for (const end of ["", "-wal", "-shm", "-journal"]) await files.writeText(FILE + end, "half");
  const { answered } = await openTemporalFile(files, FILE);
  assert.deepEqual(Object.keys(files.texts()), [...Object.keys(KEYS), `${FILE}.unfinished`]);

  await files.writeText(FILE, "whole");
  await answered();
  await openTemporalFile(files, FILE);
  assert.deepEqual(files.texts(), { ...KEYS, [FILE]: "whole" });
});

Deno.test("a file that is there, as from a backup, is left alone", async () => {
  const files = memoryFiles({ [FILE]: "whole" });
  await openTemporalFile(files, FILE);
  assert.deepEqual(files.texts(), { [FILE]: "whole" });
});

Deno.test("a Temporal that was never started leaves no mark, so a backup that is put there afterwards is kept", async () => {
  const files = memoryFiles(KEYS);
  await (await openTemporalFile(files, FILE)).ended();
  assert.deepEqual(files.texts(), KEYS);
  await files.writeText(FILE, "from a backup");
  await openTemporalFile(files, FILE);
  assert.deepEqual(files.texts(), { ...KEYS, [FILE]: "from a backup" });
});

Deno.test("a Temporal that has ended before it answered leaves the mark with its file", async () => {
  const files = memoryFiles(KEYS);
  const { ended } = await openTemporalFile(files, FILE);
  await files.writeText(FILE, "half");
  await ended();
  assert.deepEqual(Object.keys(files.texts()), [...Object.keys(KEYS), `${FILE}.unfinished`, FILE]);
});
