/** The two public keys of the payload codec, at the second version of their paths or the first. */

import { call, type Caller, callFor, isNotFound } from "./call.ts";
import { KEYS_API, PublicKeySchema } from "../contract/rest.ts";
import { notBigeye } from "../problems/bigeye.ts";
import { Problem } from "../problems/problem.ts";
import { publicKeyAlreadySet } from "../problems/keys.ts";

/** Returns the company's public key, PEM; `undefined` where Bigeye holds none. */
export async function readCompanyKey(
  caller: Caller,
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    return await publicKeyAt(caller, "public-key", "read the account's public key", signal) ||
      undefined;
  } catch (error) {
    // Bigeye publishes the call that sets this key, and not one that reads it.
    if (isNotFound(error) || isMethodUnknown(error)) return undefined;
    throw error;
  }
}

/** Sets the company's public key. @throws `public_key_already_set`, with `isFirst`. */
export async function setCompanyKey(
  caller: Caller,
  publicKey: string,
  { isFirst, signal }: { readonly isFirst: boolean; readonly signal?: AbortSignal },
): Promise<void> {
  await inEitherVersion((base) =>
    call(caller, {
      method: "PUT",
      path: `${base}/public-key`,
      body: { publicKey },
      ...(isFirst ? { headers: { "if-none-match": "*" } } : {}),
      doing: "register the account's public key",
      signal,
      refusals: { public_key_already_set: publicKeyAlreadySet },
    })
  );
}

/** Returns Bigeye's own public key, PEM. @throws `not_bigeye` if Bigeye has none. */
export async function readBigeyeKey(caller: Caller, signal?: AbortSignal): Promise<string> {
  const doing = "download Bigeye's public key";
  const pem = await publicKeyAt(caller, "public-key/bigeye", doing, signal);
  if (pem !== "") return pem;
  throw notBigeye(`${caller.url}${KEYS_API[0]}/public-key/bigeye`, "publicKey: is missing");
}

const isMethodUnknown = (error: unknown): boolean =>
  error instanceof Problem && error.status === 405;

/** Tries the second version of a key's path first, and the first one where that does not exist. */
async function inEitherVersion<T>(ask: (base: string) => Promise<T>): Promise<T> {
  const [newer, older] = KEYS_API;
  try {
    return await ask(newer);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return await ask(older);
  }
}

async function publicKeyAt(
  caller: Caller,
  path: string,
  doing: string,
  signal?: AbortSignal,
): Promise<string> {
  const { publicKey } = await inEitherVersion((base) =>
    callFor(caller, PublicKeySchema, { method: "GET", path: `${base}/${path}`, doing, signal })
  );
  return publicKey;
}
