import assert from "node:assert/strict";
import { download } from "../../../tools/setup/download.ts";

Deno.test("what cannot be had is absent: refused, not found", async () => {
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
