/** Nothing that was fetched is used before its hash is known. */

import { createHash } from "node:crypto";

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Throws when `bytes` are not the ones that were pinned; `what` names them. */
export function mustHash(bytes: Uint8Array, expected: string, what: string): void {
  const found = sha256(bytes);
  if (found !== expected) {
    throw new Error(`Cannot trust ${what}: its SHA-256 is ${found} and not ${expected}`);
  }
}
