/** The content of heartbeats, and the comparison of the host's clock with Bigeye's. */

import assert from "node:assert/strict";
import type { ServeSettings } from "../../../orchestrator/host/settings.ts";
import { createHostBigeye, watchClockSkew } from "../../../orchestrator/host/bigeye.ts";
import { Secret } from "../../../lib/crypto/secret.ts";
import { VERSION } from "../../../lib/version.ts";
import { manualClock } from "../../fakes/system/clock.ts";

const INSTALLATION = "11111111-1111-4111-8111-111111111111";

const settings: Pick<ServeSettings, "bigeye" | "host"> = {
  bigeye: {
    url: "https://bigeye.test",
    workspaceId: undefined,
    key: new Secret("key"),
    network: {},
    takesReports: true,
    configHash: "c0ffee",
  },
  host: {
    folder: "/srv/bigeye",
    hostId: "h-1",
    installationId: INSTALLATION,
    network: "bigeye_default",
    identity: { uid: 1, gid: 1 },
    images: { lineage: "l", datahealth: "d", "external-monitors": "e" },
  },
};

/** A host whose clock is 3 s ahead of Bigeye's. */
function hostWith(
  freeBytes: (path: string) => Promise<number | undefined>,
  bigeye = settings.bigeye,
) {
  const complaint = { at: "2026-01-01T00:00:00.000Z", message: "engine is down" };
  let asked = 0;
  return createHostBigeye({ ...settings, bigeye }, {
    network: () => () =>
      Promise.resolve(
        new Response(null, { status: 204, headers: { date: "Wed, 31 Dec 2025 23:59:57 GMT" } }),
      ),
    clock: manualClock(),
    log: () => {},
    files: { freeBytes },
    lastWarning: () => asked++ === 0 ? undefined : complaint,
    engine: { version: () => Promise.reject(new Error("down")) },
    active: { ids: ["r-1"] },
    signal: new AbortController().signal,
  });
}

Deno.test("a heartbeat reports the clock's skew after a first response, and the last warning after one was logged", async () => {
  const host = await hostWith((path) => Promise.resolve(path === "/srv/bigeye" ? 7 : undefined));
  const known = { activeRuns: ["r-1"], diskFreeBytes: 7 };
  const published = { hostId: "h-1", orchestratorVersion: VERSION, configHash: "c0ffee" };
  assert.deepEqual(await host.beat(), {
    installationId: INSTALLATION,
    body: { ...published, report: known },
  });
  await host.client.verifyAgentKey();
  assert.deepEqual((await host.beat({ draining: true })).body.report, {
    ...known,
    clockSkewMs: 3_000,
    draining: true,
    complaint: { at: "2026-01-01T00:00:00.000Z", message: "engine is down" },
  });
});

Deno.test("a heartbeat is sent even if the free disk space cannot be read", async () => {
  const host = await hostWith(() => Promise.reject(new Error("I/O error")));
  assert.deepEqual((await host.beat()).body.report, { activeRuns: ["r-1"] });
});

Deno.test("a Bigeye that does not take reports gets the published fields alone", async () => {
  const host = await hostWith(() => Promise.resolve(7), {
    ...settings.bigeye,
    takesReports: false,
  });
  assert.deepEqual((await host.beat()).body, {
    hostId: "h-1",
    orchestratorVersion: VERSION,
    configHash: "c0ffee",
  });
});

Deno.test("a clock that is off by more than a minute is logged once, and again after it was right", async () => {
  const logged: unknown[] = [];
  const clock = { now: () => new Date("2026-01-01T00:10:00Z") };
  const near = "Thu, 01 Jan 2026 00:09:30 GMT";
  const off = "Thu, 01 Jan 2026 00:00:00 GMT";
  let date: string | undefined;
  const ask = watchClockSkew(
    () => Promise.resolve(new Response("", { headers: date === undefined ? {} : { date } })),
    { clock, log: (level, _, fields) => void logged.push([level, fields]) },
  );
  const warnings: number[] = [];
  // An answer without a readable time, as a proxy gives, says nothing about the clock.
  for (date of [near, off, off, "", undefined, off, near, off]) {
    await ask(new Request("http://bigeye.test"));
    warnings.push(logged.length);
  }
  assert.deepEqual(warnings, [0, 1, 1, 1, 1, 1, 1, 2]);
  assert.deepEqual(logged, Array(2).fill(["warn", { seconds: 600 }]));
});
