/** The stored output of an agent: complete lines, each once across restarts, within the limit. */

import assert from "node:assert/strict";
import type { LogLine } from "../../../lib/docker/streams.ts";
import { lastLines, openOutput } from "../../../orchestrator/outcome/output_log.ts";
import { systemFiles } from "../../../lib/system/files.ts";
import { memoryFiles } from "../../fakes/system/memory_files.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";

const PATH = "/run/output.log";
const line = (second: number, text: string): LogLine => ({
  stream: "out",
  at: `2026-01-01T00:00:${String(second).padStart(2, "0")}.000000001Z`,
  text,
});

Deno.test("after a restart no line is repeated or missing, and a partial line is written again", async () => {
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

/** Numbered lines of a little more than 8 KiB, in batches of 512 KiB. */
function* batches(mebibytes: number): Generator<LogLine[]> {
  for (let batch = 0; batch < mebibytes * 2; batch++) {
    yield Array.from({ length: 64 }, (_, at) => {
      const number = batch * 64 + at;
      const stamp = new Date(Date.UTC(2026, 0, 1) + number).toISOString();
      const text = `${number} ${"x".repeat(8_192)}`;
      return { stream: "out", at: stamp.replace("Z", "000000Z"), text };
    });
  }
}
const numberOf = (text: string) => Number(text.split(" ", 1)[0]);

Deno.test("the output of an agent that prints without end is limited to its newest 64 MiB, in complete lines", async () => {
  // Attacker: an agent that logs in a loop, on purpose or not, and fills the disk that other runs need.
  await inFolder(async (folder) => {
    const path = `${folder}/output.log`;
    const sizes = async () => {
      const infos = await Promise.all([path, `${path}.1`].map((one) => systemFiles.stat(one)));
      return infos.map((info) => info?.size ?? 0);
    };
    const output = await openOutput(path, systemFiles);
    let most = 0;
    for (const lines of batches(80)) {
      await output.write(lines);
      most = Math.max(most, ...await sizes());
    }
    await output.close();
    assert.deepEqual(await systemFiles.list(folder), ["output.log", "output.log.1"]);
    assert.ok(most <= 32 << 20, `${most} bytes`);

    const texts = await Promise.all([`${path}.1`, path].map((one) => Deno.readTextFile(one)));
    const numbers = texts.join("").trimEnd().split("\n").map((one) => Number(one.split(" ")[2]));
    const first = numbers[0] ?? 0;
    assert.deepEqual(numbers, Array.from({ length: 80 * 128 - first }, (_, at) => first + at));
    assert.ok(texts.join("").length > 32 << 20);
  });
});

Deno.test("after a restart just after a rotation no line is repeated, and the limit is kept", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/output.log`;
    const output = await openOutput(path, systemFiles);
    const all = [...batches(31)];
    for (const lines of all) await output.write(lines);
    await output.close();
    await Deno.rename(path, `${path}.1`);
    const last = all.at(-1) ?? [];

    const second = await openOutput(path, systemFiles);
    assert.ok(second.since !== undefined && second.since <= (last[0]?.at ?? ""));
    assert.deepEqual(await second.write(last), []);
    const next = { stream: "err", at: "2026-01-01T00:00:04.000000000Z", text: "next" } as const;
    assert.deepEqual(await second.write([next]), [next]);
    await second.close();
    const third = await openOutput(path, systemFiles);
    assert.deepEqual(await third.write([...last.slice(-2), next]), []);
    await third.close();
    const shown = await lastLines(path, { files: systemFiles, bytes: 20_000 });
    assert.deepEqual([shown.length, shown.at(-1)], [3, "next"]);
    assert.deepEqual(
      shown.slice(0, 2).map(numberOf),
      last.slice(-2).map(({ text }) => numberOf(text)),
    );
  });
});

Deno.test("no line is lost if a step of the rotation fails", async () => {
  for (const step of ["rename", "append"] as const) {
    await inFolder(async (folder) => {
      const path = `${folder}/output.log`;
      let written = 0;
      const output = await openOutput(path, {
        ...systemFiles,
        append: (one) => {
          if (step === "append" && written > 0) return Promise.reject(new Error("no inode left"));
          return systemFiles.append(one);
        },
        rename: (one, to) => {
          if (step === "rename") return Promise.reject(new Error("permission denied"));
          return systemFiles.rename(one, to);
        },
      });
      const all = [...batches(33)];
      await assert.rejects(async () => {
        for (const lines of all) {
          await output.write(lines);
          written++;
        }
      });
      await output.close();
      const second = await openOutput(path, systemFiles);
      const refused = all[written] ?? [];
      assert.deepEqual(await second.write([...all[written - 1] ?? [], ...refused]), refused);
      await second.close();
      const texts = await Promise.all([`${path}.1`, path].map((one) => Deno.readTextFile(one)));
      const count = texts.join("").trimEnd().split("\n").length;
      assert.equal(count, (written + 1) * 64, step);
    });
  }
});

Deno.test("a line that the engine split into parts is joined again", async () => {
  const files = memoryFiles({ "/run/x": "" });
  const output = await openOutput(PATH, files);
  const part = "p".repeat(16_384);
  await output.write([
    line(1, part),
    { ...line(1, "other"), stream: "err" },
    line(1, "end"),
    line(2, "two"),
  ]);
  const shown = await lastLines(PATH, { files, bytes: 1 << 18 });
  assert.deepEqual(shown.map((one) => one.replace(part, "part ")), ["part end", "other", "two"]);
});
