/** The end of the HTTP server: open requests are answered, and new ones are refused. */

import assert from "node:assert/strict";
import { draining } from "../../../control_plane/http/draining.ts";
import { manualClock } from "../../fakes/system/clock.ts";

const request = () => new Request("http://plane.test/");

/** Runs everything that is ready, without moving the clock. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

Deno.test("while draining, an open request is answered and a new one is 503", async () => {
  const clock = manualClock();
  const { promise, resolve } = Promise.withResolvers<Response>();
  const api = draining(() => promise, clock);
  const open = api.fetch(request(), "192.0.2.7");
  let drained = false;
  const drain = api.drain().then(() => void (drained = true));
  const late = await api.fetch(request(), "192.0.2.7");
  assert.deepEqual([late.status, (await late.json()).code, drained], [503, "stopping", false]);
  const browser = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
  const read = await api.fetch(
    new Request("http://plane.test/", { headers: browser }),
    "192.0.2.7",
  );
  assert.deepEqual([read.status, read.headers.get("content-type"), await read.text()], [
    503,
    "text/plain; charset=utf-8",
    "Cannot accept requests: the control plane is stopping. Send the request again in a few seconds.\n",
  ]);
  resolve(new Response("done"));
  assert.equal(await (await open).text(), "done");
  await settle();
  clock.advance(50);
  await drain;
});

Deno.test("a request that never ends delays the drain for five seconds", async () => {
  const clock = manualClock();
  const api = draining(() => new Promise(() => {}), clock);
  api.fetch(request(), "192.0.2.7");
  let drained = false;
  const drain = api.drain().then(() => void (drained = true));
  await settle();
  clock.advance(4_999);
  await settle();
  assert.equal(drained, false);
  clock.advance(1);
  await settle();
  clock.advance(50);
  await drain;
});
