/** Checks the certificates of the account's authority with openssl. */

import assert from "node:assert/strict";
import { type Authority, openAuthority } from "../../../control_plane/certificates/authority.ts";
import { certificateLife, samePublicKey } from "../../../lib/crypto/keys.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { systemFiles as files } from "../../../lib/system/files.ts";
import { manualClock } from "../../fakes/system/clock.ts";
import { COMPANY } from "../../fakes/keys/key_pairs.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";
import { openssl } from "../support/gateway.ts";

const HOST_ID = "prod-agent-01";
const clock = { now: () => new Date() };

async function inAuthority(
  test: (folder: string, authority: Authority) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => test(folder, await openAuthority({ folder, files, clock })));
}

/** Writes the certificate to a file. Returns the exit code of `openssl verify`. */
async function verified(folder: string, pem: string, ...args: string[]): Promise<number> {
  await Deno.writeTextFile(`${folder}/leaf.pem`, pem);
  const { code } = await openssl(
    ...["verify", "-x509_strict", "-CAfile", `${folder}/ca.pem`, ...args, `${folder}/leaf.pem`],
  );
  return code;
}

Deno.test("a host's certificate is a client certificate with the account's key and the host id", () =>
  inAuthority(async (folder, authority) => {
    const pem = await authority.issueHost(HOST_ID, COMPANY.publicPem);
    assert.deepEqual([
      await verified(folder, pem, "-purpose", "sslclient"),
      await verified(folder, pem, "-purpose", "sslserver"),
    ], [0, 2]);
    const path = `${folder}/leaf.pem`;
    const { text: key } = await openssl("x509", "-in", path, "-noout", "-pubkey");
    assert.equal(samePublicKey(key, COMPANY.publicPem), true);
    const { text } = await openssl(
      ...["x509", "-in", path, "-noout", "-subject", "-issuer"],
      ...["-ext", "subjectAltName,extendedKeyUsage,basicConstraints,keyUsage"],
    );
    assert.deepEqual(text.split("\n").map((line) => line.trim()).filter((line) => line !== ""), [
      `subject=CN = ${HOST_ID}`,
      "issuer=CN = Bigeye agent authority",
      "X509v3 Basic Constraints: critical",
      "CA:FALSE",
      "X509v3 Key Usage: critical",
      "Digital Signature",
      "X509v3 Extended Key Usage:",
      "TLS Web Client Authentication",
      "X509v3 Subject Alternative Name:",
      `URI:urn:bigeye:host:${HOST_ID}`,
    ]);
  }));

Deno.test("a certificate contains a host id of 256 characters in full", () =>
  inAuthority(async (folder, authority) => {
    const hostId = "h".repeat(256);
    const pem = await authority.issueHost(hostId, COMPANY.publicPem);
    assert.equal(await verified(folder, pem, "-purpose", "sslclient"), 0);
    const { text } = await openssl(
      ...["x509", "-in", `${folder}/leaf.pem`, "-noout", "-ext", "subjectAltName"],
    );
    assert.match(text, new RegExp(`URI:urn:bigeye:host:${hostId}\n`));
  }));

// Attacker: a host that uses its certificate as a server, to read what other hosts send to Temporal.
Deno.test("the gateway's certificate is a server certificate for its name and address only", () =>
  inAuthority(async (folder, authority) => {
    const { certificatePem: pem } = await authority.issueGateway("127.0.0.1");
    const serving = ["-purpose", "sslserver"];
    assert.deepEqual([
      await verified(folder, pem, ...serving),
      await verified(folder, pem, "-purpose", "sslclient"),
      await verified(
        folder,
        pem,
        ...serving,
        "-verify_hostname",
        "temporal-gateway.bigeye.internal",
      ),
      await verified(folder, pem, ...serving, "-verify_ip", "127.0.0.1"),
      await verified(folder, pem, ...serving, "-verify_hostname", "elsewhere.test"),
    ], [0, 2, 0, 0, 2]);
  }));

// Attacker: a host that issues another certificate with its own.
Deno.test("certificates of a host, of another authority, or that have expired are not accepted", () =>
  inAuthority(async (folder, authority) => {
    const { right, foreign, expired } = await authority.issueProbes();
    assert.deepEqual([
      await verified(folder, right.certificatePem),
      await verified(folder, foreign.certificatePem),
      await verified(folder, expired.certificatePem),
    ], [0, 2, 2]);
    const { text } = await openssl("x509", "-in", `${folder}/ca.pem`, "-noout", "-text");
    assert.match(text, /CA:TRUE, pathlen:0/);
  }));

Deno.test("a certificate is valid for 30 days and due for renewal after 20", () =>
  inFolder(async (folder) => {
    const clock = manualClock();
    const authority = await openAuthority({ folder, files, clock });
    const { renewAt, until } = certificateLife(
      await authority.issueHost(HOST_ID, COMPANY.publicPem),
    );
    // The clock shows 2026-01-01. The certificate is valid from an hour before.
    assert.deepEqual([renewAt.toISOString(), until.toISOString()], [
      "2026-01-20T23:40:00.000Z",
      "2026-01-31T00:00:00.000Z",
    ]);
  }));

Deno.test("the authority is created once with a private key file, and a lost key is not replaced", () =>
  inAuthority(async (folder, authority) => {
    const again = await openAuthority({ folder, files, clock });
    assert.equal(again.pem, authority.pem);
    assert.equal((await files.stat(`${folder}/ca.private.pem`))?.mode, 0o600);
    await Deno.remove(`${folder}/ca.private.pem`);
    await assert.rejects(
      openAuthority({ folder, files, clock }),
      (error) => error instanceof Problem && error.code === "authority_key_missing",
    );
  }));
