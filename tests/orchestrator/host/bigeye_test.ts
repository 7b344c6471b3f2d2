/** What a heartbeat says of its host. */

import assert from "node:assert/strict";
import type { ServeSettings } from "../../../orchestrator/host/settings.ts";
import { bigeyeOfHost } from "../../../orchestrator/host/bigeye.ts";
import { Secret } from "../../../lib/crypto/secret.ts";
import { VERSION } from "../../../lib/version.ts";
import { manualClock } from "../../fakes/clock.ts";

const INSTALLATION = "11111111-1111-4111-8111-111111111111";

const settings: Pick<ServeSettings, "bigeye" | "host"> = {
  bigeye: { url: "https://bigeye.test", key: new Secret("key"), network: {} },
  host: {
    folder: "/srv/bigeye",
    hostId: "h-1",
    installationId: INSTALLATION,
    network: "bigeye_default",
    identity: { uid: 1, gid: 1 },
    images: { lineage: "l", datahealth: "d", "external-monitors": "e" },
  },
};

/** A host whose clock is 3 s before Bigeye's. */
function hostWith(freeBytes: (path: string) => Promise<number | undefined>) {
  const complaint = { at: "2026-01-01T00:00:00.000Z", message: "engine is away" };
  let complaints = 0;
  return bigeyeOfHost(settings, {
    network: () => () =>
      Promise.resolve(
        new Response(null, { status: 204, headers: { date: "Wed, 31 Dec 2025 23:59:57 GMT" } }),
      ),
    clock: manualClock(),
    log: () => {},
    files: { freeBytes },
    lastComplaint: () => complaints++ === 0 ? undefined : complaint,
    engine: { version: () => Promise.reject(new Error("away")) },
    active: { ids: ["r-1"] },
    signal: new AbortController().signal,
  });
}

Deno.test("it says what is known: the clock's skew after an answer, a complaint after one was made", async () => {
  const host = await hostWith((path) => Promise.resolve(path === "/srv/bigeye" ? 7 : undefined));
  const known = {
    installation_id: INSTALLATION,
    version: VERSION,
    active_runs: ["r-1"],
    disk_free_bytes: 7,
  };
  assert.deepEqual(await host.body(), known);
  await host.client.verifyAgentKey();
  assert.deepEqual(await host.body(), {
    ...known,
    clock_skew_ms: 3_000,
    complaint: { at: "2026-01-01T00:00:00.000Z", message: "engine is away" },
  });
});

Deno.test("a disk that does not answer keeps no heartbeat from being sent", async () => {
  const host = await hostWith(() => Promise.reject(new Error("I/O error")));
  assert.equal((await host.body()).disk_free_bytes, undefined);
});
