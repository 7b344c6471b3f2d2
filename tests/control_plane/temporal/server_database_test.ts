/** Temporal creates its tables only in a new file, and never completes them in a half-initialised file. */

import assert from "node:assert/strict";
import { openTemporalFile } from "../../../control_plane/temporal/server.ts";
import { memoryFiles } from "../../fakes/system/memory_files.ts";

const FILE = "/data/temporal.sqlite";
const KEYS = { "/data/bigeye.private.pem": "PEM" };

Deno.test("a file on which Temporal never became ready is discarded", async () => {
  const files = memoryFiles(KEYS);
  await openTemporalFile(files, FILE);
  // Temporal creates its files and is killed.
  for (const end of ["", "-wal", "-shm", "-journal"]) await files.writeText(FILE + end, "half");
  const { answered } = await openTemporalFile(files, FILE);
  assert.deepEqual(Object.keys(files.texts()), [...Object.keys(KEYS), `${FILE}.unfinished`]);

  await files.writeText(FILE, "whole");
  await answered();
  await openTemporalFile(files, FILE);
  assert.deepEqual(files.texts(), { ...KEYS, [FILE]: "whole" });
});

Deno.test("an existing file, such as a restored backup, is kept", async () => {
  const files = memoryFiles({ [FILE]: "whole" });
  await openTemporalFile(files, FILE);
  assert.deepEqual(files.texts(), { [FILE]: "whole" });
});

Deno.test("a Temporal that was never started leaves no marker, so that a backup restored later is kept", async () => {
  const files = memoryFiles(KEYS);
  await (await openTemporalFile(files, FILE)).ended();
  assert.deepEqual(files.texts(), KEYS);
  await files.writeText(FILE, "from a backup");
  await openTemporalFile(files, FILE);
  assert.deepEqual(files.texts(), { ...KEYS, [FILE]: "from a backup" });
});

Deno.test("a Temporal that ends before it is ready leaves the marker next to its file", async () => {
  const files = memoryFiles(KEYS);
  const { ended } = await openTemporalFile(files, FILE);
  await files.writeText(FILE, "half");
  await ended();
  assert.deepEqual(Object.keys(files.texts()), [...Object.keys(KEYS), `${FILE}.unfinished`, FILE]);
});
