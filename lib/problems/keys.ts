/** Problems of key pairs and certificates. */

import { Problem, type ProblemDetail } from "./problem.ts";

/** The text is not this half of an RSA key. It is never quoted, because it may be a secret. */
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

/** The text is not a certificate. */
export function unreadableCertificate(cause?: unknown): Problem {
  return new Problem({
    code: "certificate_unreadable",
    message: "Cannot read the client certificate: it is not an X.509 certificate in PEM form",
    hint: 'Run "bigeye-agent register" to get a new one',
    exit: "prerequisite",
    cause,
  });
}

/** Two hosts made the account's one key pair at the same time; the second must not cut off the first. */
export function publicKeyAlreadySet(): Problem {
  return new Problem({
    code: "public_key_already_set",
    message: "Cannot set the company's first public key: another host has registered one meanwhile",
    hint: "Copy the whole agent_config folder from the host that registered it, " +
      'and run "bigeye-agent register" again',
    exit: "conflict",
    status: 412,
  });
}

/** All hosts of an account share one key pair. A second pair would cut the others off. */
export function keysOnOtherHosts(folder: string, hosts: readonly string[]): Problem {
  return new Problem({
    code: "keys_on_other_hosts",
    message:
      `Cannot create new keys: all hosts of the account share one pair, and "${folder}" has none`,
    hint:
      `Copy the whole agent_config folder from one of these hosts to "${folder}" and run the same ` +
      "command again; if all of them have lost it, remove each with " +
      '"DELETE /api/v1/agent-orchestrator/hosts/<host id>" first',
    exit: "prerequisite",
    details: hosts.map((message): ProblemDetail => ({ message })),
  });
}

export function keysNotOfAccount(path: string): Problem {
  return new Problem({
    code: "keys_not_of_account",
    message: `Cannot use the key in "${path}": the account has another one`,
    hint:
      "Copy the whole agent_config folder from a registered host of this account, and run the same command again",
    exit: "conflict",
  });
}

/** A new pair would shut out every registered host. */
export function accountKeyMissing(path: string): Problem {
  return new Problem({
    code: "account_key_missing",
    message:
      `Cannot find the account's private key "${path}", although the database has the account`,
    hint: `Restore "${path}" from the backup that the database came from`,
    exit: "prerequisite",
  });
}

/** Two control planes with two keys on one database would refuse each other's runs. */
export function accountKeyForeign(path: string): Problem {
  return new Problem({
    code: "account_key_foreign",
    message:
      `Cannot use the account's private key "${path}": the database belongs to another account`,
    hint: `Copy "${path}" from the data folder of a control plane that uses this database`,
    exit: "conflict",
  });
}

/** A new authority would shut out every registered host. */
export function authorityKeyMissing(path: string): Problem {
  return new Problem({
    code: "authority_key_missing",
    message: `Cannot find the private key "${path}", although the authority's certificate exists`,
    hint: `Restore "${path}" from the backup that the data folder came from`,
    exit: "prerequisite",
  });
}

/** A host's certificate is issued for the account's key, and the account has none yet. */
export function companyKeyMissing(): Problem {
  return new Problem({
    code: "company_key_missing",
    message: "Cannot issue a certificate: the account has no public key yet",
    hint: 'Run "bigeye-agent register", which makes the key pair first',
    exit: "conflict",
  });
}

export function publicKeyUnset(): Problem {
  return new Problem({
    code: "public_key_not_set",
    message: "Cannot show the company's public key: none was registered yet",
    hint: `Run "bigeye-agent register" on the first host, which registers it`,
    exit: "usage",
    status: 404,
  });
}
