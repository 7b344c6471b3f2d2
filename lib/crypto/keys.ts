/** Makes, reads and compares the account's RSA-4096 keys, and reads how long a certificate is valid. */

import { X509Certificate } from "node:crypto";
import { unreadableCertificate, unreadableKey } from "../problems/keys.ts";

/** Both halves in PEM with a final newline: PKCS #8 (RFC 5208) and SubjectPublicKeyInfo (RFC 5280). */
export interface KeyPair {
  readonly privatePem: string;
  readonly publicPem: string;
}

/** The use that a key is imported for; WebCrypto binds every key to one algorithm. */
export type KeyUse = "encrypt" | "decrypt" | "sign" | "verify";

const MODULUS_BITS = 4096;
const OAEP = { name: "RSA-OAEP", hash: "SHA-256" } as const;
const PSS = { name: "RSA-PSS", hash: "SHA-256" } as const;
const ALGORITHMS = { encrypt: OAEP, decrypt: OAEP, sign: PSS, verify: PSS } as const;
const PUBLIC_USES: readonly KeyUse[] = ["encrypt", "verify"];

/** Makes an RSA-4096 pair; takes 1 to 3 seconds, because primes are searched for at random. */
export async function generateKeyPair(): Promise<KeyPair> {
  const publicExponent = new Uint8Array([1, 0, 1]);
  const pair = await crypto.subtle.generateKey(
    { ...OAEP, modulusLength: MODULUS_BITS, publicExponent },
    true,
    ["encrypt", "decrypt"],
  );
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
  const spki = await crypto.subtle.exportKey("spki", pair.publicKey);
  return {
    privatePem: pem("PRIVATE KEY", new Uint8Array(pkcs8)),
    publicPem: pem("PUBLIC KEY", new Uint8Array(spki)),
  };
}

/**
 * Imports a PEM key for one use, not extractable: RSA-OAEP or RSA-PSS, both with SHA-256.
 * @throws `key_unreadable` when the text is not an RSA key of the half that the use needs
 */
export async function importKey(text: string, use: KeyUse): Promise<CryptoKey> {
  const isPublic = PUBLIC_USES.includes(use);
  const bytes = isPublic ? publicBytes(text) : privateBytes(text);
  try {
    return await crypto.subtle.importKey(
      isPublic ? "spki" : "pkcs8",
      bytes,
      ALGORITHMS[use],
      false,
      [use],
    );
  } catch (cause) {
    throw unreadableKey(isPublic ? "public" : "private", cause);
  }
}

/**
 * Returns the public half of a private key, as SPKI PEM.
 * @throws `key_unreadable`
 */
export async function publicPemOf(privatePem: string): Promise<string> {
  const bytes = privateBytes(privatePem);
  try {
    const key = await crypto.subtle.importKey("pkcs8", bytes, OAEP, true, ["decrypt"]);
    const { n, e } = await crypto.subtle.exportKey("jwk", key);
    if (n === undefined || e === undefined) throw new TypeError("the key has no modulus");
    const half = await crypto.subtle.importKey("jwk", { kty: "RSA", n, e }, OAEP, true, [
      "encrypt",
    ]);
    return pem("PUBLIC KEY", new Uint8Array(await crypto.subtle.exportKey("spki", half)));
  } catch (cause) {
    throw unreadableKey("private", cause);
  }
}

/**
 * Returns the SHA-256 of a public key's SubjectPublicKeyInfo, as 64 hexadecimal digits.
 * @throws `key_unreadable`
 */
export async function fingerprint(publicPem: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", publicBytes(publicPem));
  return new Uint8Array(digest).toHex();
}

/**
 * Whether two PEM texts hold the same public key, whatever their line lengths and line ends.
 * @throws `key_unreadable`
 */
export function samePublicKey(one: string, other: string): boolean {
  return publicBytes(one).toHex() === publicBytes(other).toHex();
}

export interface CertificateLife {
  /** When two thirds of the certificate's validity have passed. */
  readonly renewAt: Date;
  readonly until: Date;
}

/**
 * Reads from a PEM certificate until when it is valid, and when to renew it.
 * @throws `certificate_unreadable`
 */
export function certificateLife(pem: string): CertificateLife {
  const { validFrom, validTo } = parsedCertificate(pem);
  const [from, until] = [Date.parse(validFrom), Date.parse(validTo)];
  return { renewAt: new Date(from + (until - from) * 2 / 3), until: new Date(until) };
}

function parsedCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw unreadableCertificate(cause);
  }
}

function publicBytes(text: string): Uint8Array<ArrayBuffer> {
  return derBytes(text, "public");
}

function privateBytes(text: string): Uint8Array<ArrayBuffer> {
  return derBytes(text, "private");
}

function derBytes(text: string, half: "public" | "private"): Uint8Array<ArrayBuffer> {
  const label = half === "public" ? "PUBLIC KEY" : "PRIVATE KEY";
  const body = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`)
    .exec(text)?.[1];
  if (body === undefined) throw unreadableKey(half);
  try {
    return Uint8Array.fromBase64(body);
  } catch (cause) {
    throw unreadableKey(half, cause);
  }
}

function pem(label: string, der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
