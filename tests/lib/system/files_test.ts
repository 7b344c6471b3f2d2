/** The port of the file system, on real files. */

import assert from "node:assert/strict";
import { systemFiles as files } from "../../../lib/system/files.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("a missing path reads as undefined, lists no names, and can be removed", () =>
  inFolder(async (folder) => {
    const path = `${folder}/missing`;
    assert.deepEqual(
      [
        await files.stat(path),
        await files.readText(path),
        await files.readBytes(path),
        await files.list(path),
        await files.remove(path),
      ],
      [undefined, undefined, undefined, [], undefined],
    );
  }));

Deno.test("a written file has the requested mode whatever the umask, and leaves no temporary file", () =>
  inFolder(async (folder) => {
    const before = Deno.umask(0o077);
    try {
      await files.writeText(`${folder}/a`, "one", { mode: 0o644 });
    } finally {
      Deno.umask(before);
    }
    const info = await files.stat(`${folder}/a`);
    assert.deepEqual(
      [await files.readText(`${folder}/a`), info?.mode, await files.list(folder)],
      ["one", 0o644, ["a"]],
    );
  }));

Deno.test("a write that fails keeps the old file and leaves no temporary file", () =>
  inFolder(async (folder) => {
    await files.makeDir(`${folder}/taken`);
    await assert.rejects(files.writeText(`${folder}/taken`, "text"));
    assert.deepEqual(await files.list(folder), ["taken"]);
  }));

Deno.test("a renamed file replaces the file of that name", () =>
  inFolder(async (folder) => {
    await files.writeText(`${folder}/a`, "new");
    await files.writeText(`${folder}/b`, "old");
    await files.rename(`${folder}/a`, `${folder}/b`);
    assert.deepEqual([await files.list(folder), await files.readText(`${folder}/b`)], [
      ["b"],
      "new",
    ]);
  }));

Deno.test("an appended file grows, and a negative offset reads its end", () =>
  inFolder(async (folder) => {
    const path = `${folder}/log`;
    for (const line of ["first\n", "second\n"]) {
      const log = await files.append(path);
      await log.write(bytes(line));
      await log.close();
    }
    await files.truncate(path, 10);
    assert.deepEqual(
      [
        await files.readText(path),
        await files.readBytes(path, -4),
        await files.readBytes(path, 2, 3),
      ],
      ["first\nseco", bytes("seco"), bytes("rst")],
    );
  }));

const whyNot = Deno.uid() === 0 ? "" : " (skipped: only root may change owners)";

Deno.test(`changing the owner of a folder changes all below it and follows no link${whyNot}`, {
  ignore: whyNot !== "",
}, () =>
  inFolder(async (folder) => {
    await files.makeDir(`${folder}/own/deep`);
    await files.writeText(`${folder}/outside`, "");
    await Deno.symlink(`${folder}/outside`, `${folder}/own/deep/link`);
    await files.chownTree(`${folder}/own`, 65532, 65532);
    const owners = await Promise.all(
      ["own", "own/deep", "outside"].map(async (name) =>
        (await files.stat(`${folder}/${name}`))?.uid
      ),
    );
    assert.deepEqual(owners, [65532, 65532, 0]);
  }));

// An attacker who controls an agent puts a link where root is about to change the owner of a file.
Deno.test("changing the owner of a link does not change its target", {
  ignore: Deno.uid() !== 0,
}, () =>
  inFolder(async (folder) => {
    await files.writeText(`${folder}/outside`, "");
    await Deno.symlink(`${folder}/outside`, `${folder}/link`);
    await files.chown(`${folder}/link`, 65532, 65532);
    assert.deepEqual(
      [(await files.stat(`${folder}/outside`))?.uid, (await Deno.lstat(`${folder}/link`)).uid],
      [0, 65532],
    );
  }));

Deno.test("a file and a folder can be flushed, and a missing path cannot", () =>
  inFolder(async (folder) => {
    await files.writeText(`${folder}/a`, "one");
    await files.flush(`${folder}/a`);
    await files.flush(folder);
    // The kernel cannot flush this folder.
    await files.flush("/proc");
    await assert.rejects(files.flush("/proc/self/status"));
    await assert.rejects(files.flush(`${folder}/missing`), Deno.errors.NotFound);
  }));
