/** What can keep the TLS gateway in front of Temporal from opening. */

import { Problem } from "./problem.ts";

/** Making a new authority instead would shut out every registered host. */
export function authorityKeyMissing(path: string): Problem {
  return new Problem({
    code: "authority_key_missing",
    message: `Cannot find the private key "${path}", though the authority's certificate is there`,
    hint: `Restore "${path}" from the backup that the data folder came from`,
    exit: "prerequisite",
  });
}

export function haproxyMissing(): Problem {
  return new Problem({
    code: "haproxy_missing",
    message:
      "Cannot start the gateway: there is no program haproxy, or no setpriv, on the PATH or in /usr/sbin",
    hint:
      'Run "apt-get install haproxy util-linux", or do without a gateway: name a Temporal with ' +
      "--temporal-address, and no --gateway-listen",
    exit: "prerequisite",
  });
}

/** HAProxy has ended by itself; the details are its own words. */
export function gatewayEnded(address: string, words: readonly string[]): Problem {
  return new Problem({
    code: "gateway_ended",
    message: `Cannot keep the gateway on "${address}" open: HAProxy has ended`,
    hint: "Read what it said; name another HOST:PORT with --gateway-listen if that one is taken",
    exit: "prerequisite",
    details: words.map((message) => ({ message })),
  });
}

/** Nothing of ours answers there, or what answers refuses a right certificate. */
export function gatewayUnproven(address: string, reason: string): Problem {
  return new Problem({
    code: "gateway_unproven",
    message: `Cannot prove that the gateway on "${address}" lets in hosts alone: ${reason}`,
    hint: "Check that this machine reaches that address and that its clock is right",
    exit: "boundary",
  });
}

export function gatewayOpen(address: string, who: string): Problem {
  return new Problem({
    code: "gateway_open",
    message: `Cannot trust the gateway on "${address}": it lets in a client with ${who}`,
    hint: "Check which haproxy is first on the PATH, and replace it by the distribution's",
    exit: "boundary",
  });
}

/** A host's certificate is for the account's key, and the account has none yet. */
export function companyKeyMissing(): Problem {
  return new Problem({
    code: "company_key_missing",
    message: "Cannot issue a certificate: the account has no public key yet",
    hint: 'Run "bigeye-agent register", which makes the key pair first',
    exit: "conflict",
  });
}
