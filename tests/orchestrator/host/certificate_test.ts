/** When a host's certificate is renewed, and what happens when it cannot be. */

import assert from "node:assert/strict";
import { openAuthority } from "../../../control_plane/certificates/authority.ts";
import { hostTakenOver } from "../../../lib/problems/host.ts";
import { keepCertificate, usableCertificate } from "../../../orchestrator/host/certificate.ts";
import { COMPANY } from "../../fakes/keys/key_pairs.ts";
import { memoryFiles } from "../../fakes/system/memory_files.ts";
import { virtualClock } from "../../fakes/system/virtual_clock.ts";

const DAY_MS = 86_400_000;

/** A host with a new certificate, and a Bigeye that issues the next one unless `failure` is set. */
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
  const logged: string[] = [];
  const stop = new AbortController();
  const began = clock.now().getTime();
  const days = () => (clock.now().getTime() - began) / DAY_MS;
  const needs = {
    renew: () => bigeye.failure ? Promise.reject(bigeye.failure) : issued(),
    clock,
    log: (level: string, message: string) => void logged.push(`${level} ${message}`),
    signal: stop.signal,
  };
  return { clock, present: await issued(), bigeye, logged, stop, days, needs };
}

Deno.test("a new certificate is used, and one that is due is renewed first", async () => {
  const { clock, present, needs, logged } = await scene();
  assert.equal(await usableCertificate(present, needs), present);
  await clock.sleep(21 * DAY_MS);
  const next = await usableCertificate(present, needs);
  assert.notEqual(next.clientCertificatePem, present.clientCertificatePem);
  assert.deepEqual(logged, ["info certificate renewed"]);
});

Deno.test("while Bigeye is down, a due certificate is still used, and a host with an expired one waits", async () => {
  const { clock, present, bigeye, needs, logged } = await scene();
  bigeye.failure = new Error("down");
  await clock.sleep(21 * DAY_MS);
  assert.equal(await usableCertificate(present, needs), present);
  await clock.sleep(10 * DAY_MS);
  const waiting = usableCertificate(present, needs);
  await clock.sleep(60_000);
  bigeye.failure = undefined;
  assert.notEqual(await waiting, present);
  assert.deepEqual([...new Set(logged)], [
    "warn could not renew the certificate",
    "info certificate renewed",
  ]);
});

Deno.test("a running host renews its certificate after two thirds of the lifetime, and retries after a failure", async () => {
  const { clock, present, bigeye, needs, logged, stop, days } = await scene();
  const renewals: number[] = [];
  const keeping = keepCertificate(present, needs, () => {
    renewals.push(Math.round(days()));
    if (renewals.length === 3) stop.abort();
    return Promise.resolve();
  });
  bigeye.failure = new Error("down");
  await clock.sleep(20.2 * DAY_MS);
  assert.deepEqual(renewals, []);
  bigeye.failure = undefined;
  await keeping;
  assert.deepEqual(renewals, [20, 40, 60]);
  assert.equal(logged.at(-1), "info certificate renewed");
});

Deno.test("after a renewed certificate that cannot be used another one is requested", async () => {
  const { present, needs, logged, stop } = await scene();
  const tried: unknown[] = [];
  await keepCertificate(present, needs, ({ clientCertificatePem }) => {
    tried.push(clientCertificatePem);
    if (tried.length === 2) stop.abort();
    return tried.length === 1 ? Promise.reject(new Error("refused")) : Promise.resolve();
  });
  assert.equal(new Set(tried).size, 2);
  assert.deepEqual(logged, ["warn could not renew the certificate", "info certificate renewed"]);
});

Deno.test("a machine that lost its host id gets no certificate and stops", async () => {
  // Attacker: a former machine of the host that keeps requesting certificates in its name.
  const { clock, present, bigeye, needs } = await scene();
  bigeye.failure = hostTakenOver("host-1");
  await clock.sleep(31 * DAY_MS);
  await assert.rejects(usableCertificate(present, needs), { code: "host_taken_over" });
  await assert.rejects(keepCertificate(present, needs, () => Promise.resolve()), {
    code: "host_taken_over",
  });
});
