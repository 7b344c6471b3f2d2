import assert from "node:assert/strict";
import { download } from "../../../tools/setup/cache.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";

const CACHE = new URL("../../../tools/setup/cache.ts", import.meta.url).href;

/** Gets the entry "thing" in a child process, which runs `before` while it makes the entry. */
async function getThing(home: string, before = ""): Promise<number> {
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

Deno.test("concurrent processes make an entry once, and all of them get it complete", () =>
  inFolder(async (home) => {
    const codes = await Promise.all([getThing(home), getThing(home), getThing(home)]);
    assert.deepEqual([codes, await Deno.readTextFile(`${home}/made`)], [[0, 0, 0], "x"]);
  }));

Deno.test("an entry that a killed process left incomplete is made again", () =>
  inFolder(async (home) => {
    assert.notEqual(await getThing(home, 'Deno.kill(Deno.pid, "SIGKILL");'), 0);
    assert.equal(await getThing(home), 0);
    assert.equal(await Deno.readTextFile(`${home}/made`), "xx");
  }));

Deno.test("a download is undefined after 404 or a refused connection", async () => {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => new Response("bytes", { status: request.url.endsWith("/there") ? 200 : 404 }),
  );
  const base = `http://127.0.0.1:${server.addr.port}`;
  const answers = [await download(`${base}/there`), await download(`${base}/gone`)];
  await server.shutdown();
  const refused = await download(`${base}/there`);
  assert.deepEqual([...answers, refused].map((bytes) => bytes && new TextDecoder().decode(bytes)), [
    "bytes",
    undefined,
    undefined,
  ]);
});
