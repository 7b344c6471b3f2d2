/** The company's public key as REST takes it: RSA of at least 4,096 bits, SPKI PEM. */

import { inputInvalid } from "../../lib/problems/rest.ts";

const LEAST_BITS = 4096;
const PEM = /^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/;

/** The same key in canonical PEM, 64 columns and a final newline. Throws `invalid_input`. */
export async function rsaPublicKey(text: string): Promise<string> {
  const body = PEM.exec(text)?.[1];
  if (body === undefined) throw wrongKey("must be one PEM block PUBLIC KEY (SPKI)");
  const key = await imported(body);
  if (modulusBits(key) < LEAST_BITS) {
    throw wrongKey(`must have at least ${LEAST_BITS} bits, not ${modulusBits(key)}`);
  }
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", key));
  const lines = spki.toBase64().match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PUBLIC KEY-----", ...lines, "-----END PUBLIC KEY-----", ""].join("\n");
}

async function imported(body: string): Promise<CryptoKey> {
  try {
    const algorithm = { name: "RSA-OAEP", hash: "SHA-256" };
    const spki = Uint8Array.fromBase64(body);
    return await crypto.subtle.importKey("spki", spki, algorithm, true, ["encrypt"]);
  } catch {
    throw wrongKey("must be an RSA key");
  }
}

function modulusBits({ algorithm }: CryptoKey): number {
  return "modulusLength" in algorithm ? Number(algorithm.modulusLength) : 0;
}

const wrongKey = (message: string) => inputInvalid([{ path: "publicKey", message }]);
