/** RSA-4096 key pairs for tests, because generating one takes 1 to 3 s. */

import type { KeyPair } from "../../../lib/crypto/keys.ts";
import bigeye from "./bigeye.pem" with { type: "text" };
import company from "./company.pem" with { type: "text" };
import stranger from "./stranger.pem" with { type: "text" };

export const BIGEYE: KeyPair = pairIn(bigeye);
export const COMPANY: KeyPair = pairIn(company);
/** The key pair of another account or of an attacker. */
export const STRANGER: KeyPair = pairIn(stranger);

function pairIn(file: string): KeyPair {
  const [, privatePem = "", publicPem = ""] = file.split(/^(?=-----BEGIN )/m);
  return { privatePem, publicPem };
}
