/** Keys are not changed by PEM, and a text that is not a key is refused. */

import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey } from "node:crypto";
import {
  fingerprint,
  generateKeyPair,
  importKey,
  publicPemOf,
  samePublicKey,
} from "../../../lib/crypto/keys.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { STRANGER } from "../../fakes/keys/key_pairs.ts";

const pair = await generateKeyPair();

Deno.test("a fresh pair is RSA-4096 in PKCS #8 and SPKI, with a final newline", () => {
  const halves = [createPrivateKey(pair.privatePem), createPublicKey(pair.publicPem)];
  assert.deepEqual(
    halves.map((key) => [key.asymmetricKeyType, key.asymmetricKeyDetails?.modulusLength]),
    [["rsa", 4096], ["rsa", 4096]],
  );
  assert.match(pair.privatePem, /^-----BEGIN PRIVATE KEY-----\n[^]+\n-----END PRIVATE KEY-----\n$/);
  assert.match(pair.publicPem, /^-----BEGIN PUBLIC KEY-----\n[^]+\n-----END PUBLIC KEY-----\n$/);
});

Deno.test("the public half of the private key is the pair's public key", async () => {
  assert.equal(await publicPemOf(pair.privatePem), pair.publicPem);
});

Deno.test("a key with other line endings and line lengths is the same key", async () => {
  const body = pair.publicPem.replace(/-----[^-]+-----|\n/g, "");
  const onOneLine = `-----BEGIN PUBLIC KEY-----\r\n${body}\r\n-----END PUBLIC KEY-----`;
  assert.equal(samePublicKey(onOneLine, pair.publicPem), true);
  assert.equal(await fingerprint(onOneLine), await fingerprint(pair.publicPem));
});

Deno.test("the fingerprint is the SHA-256 of the SPKI bytes", async () => {
  const der = createPublicKey(pair.publicPem).export({ type: "spki", format: "der" });
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(der));
  assert.equal(await fingerprint(pair.publicPem), new Uint8Array(digest).toHex());
});

Deno.test("two pairs are different keys", () => {
  assert.equal(samePublicKey(STRANGER.publicPem, pair.publicPem), false);
});

Deno.test("one half encrypts or signs, and the other decrypts or verifies", async () => {
  const text = new TextEncoder().encode("a data key");
  const encrypted = await crypto.subtle.encrypt(
    "RSA-OAEP",
    await importKey(pair.publicPem, "encrypt"),
    text,
  );
  const decrypted = await crypto.subtle.decrypt(
    "RSA-OAEP",
    await importKey(pair.privatePem, "decrypt"),
    encrypted,
  );
  assert.deepEqual(new Uint8Array(decrypted), text);
  const pss = { name: "RSA-PSS", saltLength: 32 };
  const signature = await crypto.subtle.sign(pss, await importKey(pair.privatePem, "sign"), text);
  const verifier = await importKey(pair.publicPem, "verify");
  assert.equal(await crypto.subtle.verify(pss, verifier, signature, text), true);
});

for (
  const [what, text] of [
    ["an empty text", ""],
    ["the public half", pair.publicPem],
    ["a broken body", "-----BEGIN PRIVATE KEY-----\nAAAA=A\n-----END PRIVATE KEY-----\n"],
    ["bytes that are no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"],
  ] as const
) {
  Deno.test(`${what} is refused as a private key`, async () => {
    for (const read of [() => importKey(text, "sign"), () => publicPemOf(text)]) {
      await assert.rejects(read, (thrown) => {
        assert.ok(thrown instanceof Problem);
        assert.equal(thrown.code, "key_unreadable");
        return true;
      });
    }
  });
}
