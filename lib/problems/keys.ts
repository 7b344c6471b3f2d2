/** What can be wrong with a key pair or a certificate. */

import { Problem } from "./problem.ts";

/** A text that should hold one half of an RSA key holds something else. The text is never quoted. */
export function unreadableKey(half: "public" | "private", cause?: unknown): Problem {
  const form = half === "public" ? "PUBLIC KEY (SPKI)" : "PRIVATE KEY (PKCS #8)";
  return new Problem({
    code: "key_unreadable",
    message: `Cannot read the ${half} key: it is not an RSA key in PEM form "${form}"`,
    hint: `Open agent_config/ and restore the file that an earlier "bigeye-agent register" wrote`,
    exit: "prerequisite",
    cause,
  });
}

/** A text that should hold a certificate holds something else. */
export function unreadableCertificate(cause?: unknown): Problem {
  return new Problem({
    code: "certificate_unreadable",
    message: "Cannot read the client certificate: it is not an X.509 certificate in PEM form",
    hint: 'Run "bigeye-agent register" to have another one issued',
    exit: "prerequisite",
    cause,
  });
}

/** Of two hosts that each made the account's one pair, the second must not cut off the first. */
export function publicKeyAlreadySet(): Problem {
  return new Problem({
    code: "public_key_already_set",
    message: "Cannot set the company's first public key: another one was registered meanwhile",
    hint: "Copy the whole agent_config folder from the host that registered it, " +
      'and run "bigeye-agent register" again',
    exit: "conflict",
    status: 412,
  });
}
