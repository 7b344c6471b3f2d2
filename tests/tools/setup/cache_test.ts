import assert from "node:assert/strict";
import { inFolder } from "../../fakes/temporary_folder.ts";

const CACHE = new URL("../../../tools/setup/cache.ts", import.meta.url).href;

/** A process of its own that wants the same thing; `before` is done on the way. */
async function wantThing(home: string, before = ""): Promise<number> {
  const script = `
    import { cached } from "${CACHE}";
    const folder = await cached("thing", async (folder) => {
      await Deno.writeTextFile("${home}/made", "x", { append: true });
      ${before}
      await Deno.writeTextFile(folder + "/whole", "yes");
    });
    await Deno.readTextFile(folder + "/whole");`;
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", script],
    env: { XDG_CACHE_HOME: home },
    stdin: "null",
    stderr: "null",
  }).output();
  return code;
}

Deno.test("processes that want the same thing at once make it once, and all get it whole", () =>
  inFolder(async (home) => {
    const codes = await Promise.all([wantThing(home), wantThing(home), wantThing(home)]);
    assert.deepEqual([codes, await Deno.readTextFile(`${home}/made`)], [[0, 0, 0], "x"]);
  }));

Deno.test("what a killed process left half is made again", () =>
  inFolder(async (home) => {
    assert.notEqual(await wantThing(home, 'Deno.kill(Deno.pid, "SIGKILL");'), 0);
    assert.equal(await wantThing(home), 0);
    assert.equal(await Deno.readTextFile(`${home}/made`), "xx");
  }));
