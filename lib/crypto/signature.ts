/** Signing text instead of an object makes the check independent of how JSON is written. */

/** RSASSA-PSS with a salt as long as the hash (RFC 8017, 8.1). */
const PSS = { name: "RSA-PSS", saltLength: 32 } as const;

/** Signs the UTF-8 bytes of a text with a private RSA-PSS key; base64. */
export async function signText(text: string, key: CryptoKey): Promise<string> {
  const signature = await crypto.subtle.sign(PSS, key, new TextEncoder().encode(text));
  return new Uint8Array(signature).toBase64();
}

/** Whether a signature of {@linkcode signText} is over this text and by the key's other half. */
export async function isSigned(
  { text, signature }: { readonly text: string; readonly signature: string },
  key: CryptoKey,
): Promise<boolean> {
  const bytes = signatureBytes(signature);
  if (!bytes) return false;
  return await crypto.subtle.verify(PSS, key, bytes, new TextEncoder().encode(text));
}

function signatureBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return undefined;
  }
}
