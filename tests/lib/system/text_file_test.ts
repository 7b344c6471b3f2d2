/** A text file must be UTF-8. The error names the first line that is not. */

import assert from "node:assert/strict";
import { fileNotUtf8 } from "../../../lib/problems/host.ts";
import { systemFiles } from "../../../lib/system/files.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";
import { latin1 } from "../../fakes/system/latin1.ts";

/** Bytes that are not UTF-8, and the first line that is not. */
const REFUSED: Readonly<Record<string, readonly [bytes: Uint8Array, line: number]>> = {
  "Latin-1": [latin1("# f\xfcr\nlineage:\n  password: gr\xfcn\n"), 1],
  "Latin-1 in its last line, which has no end": [latin1("a: 1\nb: gr\xfcn"), 2],
  "Latin-1 behind lines of UTF-8": [latin1("# f\xc3\xbcr\r\n\r\nb: gr\xfcn\r\n"), 3],
  "a character that was cut off": [latin1("a: 1\nb: gr\xc3"), 2],
  "UTF-16 with its mark": [latin1("\xff\xfea\0:\0"), 1],
  "UTF-16 without its mark": [latin1("a\0\n\0"), 1],
};

for (const [name, [bytes, line]] of Object.entries(REFUSED)) {
  Deno.test(`a file in ${name} is refused, with the line`, () =>
    inFolder(async (folder) => {
      const path = `${folder}/bigeye_agent.yml`;
      await Deno.writeFile(path, bytes);
      await assert.rejects(systemFiles.readText(path), fileNotUtf8(path, line));
    }));
}

Deno.test("a file in UTF-8 is read and written back byte for byte, its byte order mark included", () =>
  inFolder(async (folder) => {
    const bytes = latin1("\xef\xbb\xbf# f\xc3\xbcr \xf0\x9f\x90\xb3\r\n");
    await Deno.writeFile(`${folder}/a`, bytes);
    const text = await systemFiles.readText(`${folder}/a`) ?? "";
    await systemFiles.writeText(`${folder}/b`, text);
    assert.deepEqual(await Deno.readFile(`${folder}/b`), bytes);
  }));
