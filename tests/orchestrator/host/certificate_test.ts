/** When a host's certificate is renewed, and what happens while it cannot be. */

import assert from "node:assert/strict";
import { openAuthority } from "../../../control_plane/certificates/authority.ts";
import { hostTakenOver } from "../../../lib/problems/host.ts";
import { goodCertificate, keepCertificate } from "../../../orchestrator/host/certificate.ts";
import { COMPANY } from "../../fakes/key_pairs.ts";
import { memoryFiles } from "../../fakes/memory_files.ts";
import { virtualClock } from "../../fakes/virtual_clock.ts";

const DAY_MS = 86_400_000;

/** A host with a fresh certificate, and a Bigeye that issues the next one unless it is away. */
async function scene() {
  const clock = virtualClock();
  const authority = await openAuthority({
    folder: "/plane",
    files: memoryFiles({ "/plane/x": "" }),
    clock,
  });
  const issued = async () => ({
    clientCertificatePem: await authority.issueHost("host-1", COMPANY.publicPem),
    caPem: authority.pem,
  });
  const bigeye: { failure: Error | undefined } = { failure: undefined };
  const told: string[] = [];
  const stop = new AbortController();
  const began = clock.now().getTime();
  const days = () => (clock.now().getTime() - began) / DAY_MS;
  const needs = {
    renew: () => bigeye.failure ? Promise.reject(bigeye.failure) : issued(),
    clock,
    log: (level: string, message: string) => void told.push(`${level} ${message}`),
    signal: stop.signal,
  };
  return { clock, present: await issued(), bigeye, told, stop, days, needs };
}

Deno.test("a certificate that is good is taken as it is, one that is due is renewed first", async () => {
  const { clock, present, needs, told } = await scene();
  assert.equal(await goodCertificate(present, needs), present);
  await clock.sleep(21 * DAY_MS);
  const next = await goodCertificate(present, needs);
  assert.notEqual(next.clientCertificatePem, present.clientCertificatePem);
  assert.deepEqual(told, ["info certificate renewed"]);
});

Deno.test("while Bigeye is away a due certificate still serves, and an expired one waits", async () => {
  const { clock, present, bigeye, needs, told } = await scene();
  bigeye.failure = new Error("away");
  await clock.sleep(21 * DAY_MS);
  assert.equal(await goodCertificate(present, needs), present);
  await clock.sleep(10 * DAY_MS);
  const waiting = goodCertificate(present, needs);
  await clock.sleep(60_000);
  bigeye.failure = undefined;
  assert.notEqual(await waiting, present);
  assert.deepEqual([...new Set(told)], [
    "warn certificate not renewed",
    "info certificate renewed",
  ]);
});

Deno.test("a running host renews at two thirds of each life, and tries on when it cannot", async () => {
  const { clock, present, bigeye, needs, told, stop, days } = await scene();
  const renewals: number[] = [];
  const keeping = keepCertificate(present, needs, () => {
    renewals.push(Math.round(days()));
    if (renewals.length === 3) stop.abort();
    return Promise.resolve();
  });
  bigeye.failure = new Error("away");
  await clock.sleep(20.2 * DAY_MS);
  assert.deepEqual(renewals, []);
  bigeye.failure = undefined;
  await keeping;
  assert.deepEqual(renewals, [20, 40, 60]);
  assert.equal(told.at(-1), "info certificate renewed");
});

Deno.test("a certificate that could not be put to use is not kept", async () => {
  const { present, needs, told, stop } = await scene();
  const tried: unknown[] = [];
  await keepCertificate(present, needs, ({ clientCertificatePem }) => {
    tried.push(clientCertificatePem);
    if (tried.length === 2) stop.abort();
    return tried.length === 1 ? Promise.reject(new Error("not let in")) : Promise.resolve();
  });
  assert.equal(new Set(tried).size, 2);
  assert.deepEqual(told, ["warn certificate not renewed", "info certificate renewed"]);
});

// A machine that lost its host id goes on asking for certificates in that host's name.
Deno.test("a host that was taken over ends", async () => {
  const { clock, present, bigeye, needs } = await scene();
  bigeye.failure = hostTakenOver("host-1");
  await clock.sleep(31 * DAY_MS);
  await assert.rejects(goodCertificate(present, needs), { code: "host_taken_over" });
  await assert.rejects(keepCertificate(present, needs, () => Promise.resolve()), {
    code: "host_taken_over",
  });
});
