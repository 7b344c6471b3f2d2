import assert from "node:assert/strict";
import { libraryClosure, parseLdd } from "../../../tools/build/image_root.ts";

Deno.test("the libraries and the loader are listed, and the kernel's virtual library is left out", () => {
  const answer = [
    "\tlinux-vdso.so.1 (0x00007ffd5a5f2000)",
    "\tlibdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f0e2c000000)",
    "\t/lib64/ld-linux-x86-64.so.2 (0x00007f0e2d000000)",
    "",
  ].join("\n");
  assert.deepEqual(parseLdd(answer), [
    "/lib/x86_64-linux-gnu/libdl.so.2",
    "/lib64/ld-linux-x86-64.so.2",
  ]);
});

Deno.test("a static program has no libraries", { ignore: Deno.build.os !== "linux" }, async () => {
  assert.deepEqual(parseLdd("\tstatically linked\n"), []);
  // A source file is not a dynamic executable either.
  assert.deepEqual(await libraryClosure([new URL(import.meta.url).pathname]), []);
});

Deno.test("a missing program stops the build", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await assert.rejects(libraryClosure(["/nowhere"]), {
    message: 'Cannot find the libraries of "/nowhere" (ldd ended with 1)\n' +
      "ldd: /nowhere: No such file or directory\n",
  });
});

Deno.test("a missing library stops the build", () => {
  assert.throws(
    () => parseLdd("\tlibfoo.so.1 => not found\n"),
    { message: "Cannot find a library: libfoo.so.1 => not found" },
  );
});
