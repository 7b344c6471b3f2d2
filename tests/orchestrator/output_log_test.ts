import assert from "node:assert/strict";
import type { LogLine } from "../../lib/docker/log_stream.ts";
import { lastLines, openOutput } from "../../orchestrator/output_log.ts";
import { memoryFiles } from "../fakes/memory_files.ts";

const PATH = "/run/output.log";
const line = (second: number, text: string): LogLine => ({
  stream: "out",
  at: `2026-01-01T00:00:${String(second).padStart(2, "0")}.000000001Z`,
  text,
});

Deno.test("output goes on where it ended: nothing doubled, nothing lost, a torn line written again", async () => {
  const files = memoryFiles({ "/run/x": "" });
  const lines = [line(1, "one"), line(2, "two"), line(2, "two"), line(3, "three")];
  const first = await openOutput(PATH, files);
  assert.equal(first.since, undefined);
  await first.write(lines.slice(0, 2));
  await first.close();
  const file = await files.append(PATH);
  await file.write(new TextEncoder().encode("2026-01-01T00:00:02.0000"));

  const second = await openOutput(PATH, files);
  assert.equal(second.since, line(1, "").at);
  assert.deepEqual(await second.write(lines), lines.slice(2));
  const texts = (files.texts()[PATH] ?? "").split("\n");
  assert.deepEqual(texts.map((text) => text.split(" ")[2]), [
    "one",
    "two",
    "two",
    "three",
    undefined,
  ]);
  assert.deepEqual(await lastLines(PATH, { files, bytes: 90 }), ["two", "three"]);
});
