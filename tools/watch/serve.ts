/** The child process of ./dev watch. Deno restarts it when an imported file changes. */

import { SCRIPT } from "../../control_plane/pages/assets/mod.ts";
import type { HttpHandler } from "../../lib/ports.ts";
import { busyAccount, sendHeartbeats } from "../../tests/harness/pages/busy_account.ts";
import { servedPlane } from "../../tests/harness/pages/served_plane.ts";
import { print } from "../cli/steps.ts";
import { exists } from "../setup/cache.ts";
import reload from "./reload.js" with { type: "text" };

/** The interval of a host's orchestrator. */
const HEARTBEAT_MS = 10_000;

const [folder = "", port = ""] = Deno.args;
const filled = `${folder}/filled`;
const plane = await servedPlane({ folder, port: Number(port), around: reloading });
if (!await exists(filled)) {
  await busyAccount(plane);
  await Deno.writeTextFile(filled, "");
  print(`
Control plane with sample data: ${plane.url}
  sign in with  ${plane.keys.admin}  (Ada, an admin)
  or with       ${plane.keys.member}  (Max, a member)

It restarts when a source file changes, and open pages reload. Your session and your data are kept.
There is no Temporal and no host: a triggered run stays queued, a canceled run stays active, and
schedules start nothing. Ctrl-C ends it and removes its data.
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
