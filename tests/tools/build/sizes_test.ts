import assert from "node:assert/strict";
import { capture } from "../../../tools/cli/run.ts";
import { writeProgram } from "../../fakes/system/program.ts";

const MODULE = new URL("../../../tools/build/sizes.ts", import.meta.url).href;

/** Measures with a PATH that has only `programs`: shell scripts by name. */
async function measured(programs: Readonly<Record<string, string>>): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(programs)) {
      await writeProgram(`${folder}/${name}`, text);
    }
    const code = `const { compressedSize } = await import(${JSON.stringify(MODULE)});
      console.log(await compressedSize("/dev/null").then(JSON.stringify, (error) => error.message));`;
    const { stdout } = await capture([Deno.execPath(), "eval", code], { env: { PATH: folder } });
    return stdout.trim();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("sizes are measured with xz, or with zstd where xz is missing", async () => {
  assert.equal(await measured({ zstd: "printf four" }), '{"by":"zstd","bytes":4}');
  assert.equal(
    await measured({ xz: "printf sixsix", zstd: "printf four" }),
    '{"by":"xz","bytes":6}',
  );
});

Deno.test("without xz and zstd, or with one that writes nothing, there is no size", async () => {
  assert.equal(await measured({}), 'Cannot measure the compressed size without "xz" or "zstd"');
  assert.equal(await measured({ xz: "exit 0" }), 'Cannot compress with "xz": exit 0, 0 bytes');
});
