/** The process behind ./dev watch, which Deno starts anew when a file that it has imported changes. */

import { SCRIPT } from "../../control_plane/pages/assets/mod.ts";
import type { HttpHandler } from "../../lib/ports.ts";
import { busyAccount, sendHeartbeats } from "../../tests/harness/pages/busy_account.ts";
import { servedPlane } from "../../tests/harness/pages/served_plane.ts";
import { print } from "../cli/steps.ts";
import { exists } from "../setup/cache.ts";
import reload from "./reload.js" with { type: "text" };

/** As a host's orchestrator does. */
const HEARTBEAT_MS = 10_000;

const [folder = "", port = ""] = Deno.args;
const filled = `${folder}/filled`;
const plane = await servedPlane({ folder, port: Number(port), around: reloading });
if (!await exists(filled)) {
  await busyAccount(plane);
  await Deno.writeTextFile(filled, "");
  print(`
Control plane with a made-up account: ${plane.url}
  sign in with  ${plane.keys.admin}  (Ada, an admin)
  or with       ${plane.keys.member}  (Max, a member)

A change of the source starts it anew, and open pages are loaded again; your session and your changes stay.
There is no Temporal and no host: a run that you trigger stays queued, one that you cancel stays active,
and nothing starts by a schedule. Ctrl-C ends it and removes its data.
`);
}
setInterval(() => sendHeartbeats(plane), HEARTBEAT_MS);

function reloading(handler: HttpHandler): HttpHandler {
  const started = crypto.randomUUID();
  const headers = { "content-type": SCRIPT.type, "cache-control": "no-store" };
  return async (request, peer) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/watch/started") return new Response(started, { headers });
    if (pathname === SCRIPT.path) return new Response(`${SCRIPT.text}\n${reload}`, { headers });
    return await handler(request, peer);
  };
}
