/** The account's certificate authority, which decides who may reach Temporal through the gateway. */

import type { Clock, Files } from "../../lib/ports.ts";
import { authorityKeyMissing } from "../../lib/problems/keys.ts";
import { AUTHORITY_SUBJECT, gatewaySubject, hostSubject } from "../../templates/certificates.ts";
import {
  type Identity,
  issueCertificate,
  issueIdentity,
  makeAuthority,
  type Validity,
} from "./issue.ts";

export interface Authority {
  /** The authority's certificate, PEM; hosts and the gateway verify each other with it. */
  readonly pem: string;
  /** Issues a host's certificate for the account's public key (SPKI PEM), valid for 30 days. */
  issueHost(hostId: string, publicPem: string): Promise<string>;
  /** Issues the gateway's certificate and key for the address that the control plane probes. */
  issueGateway(address: string): Promise<Identity>;
  /** Issues the certificates that verify the gateway: one valid, two that it must refuse. */
  issueProbes(): Promise<Probes>;
}

export interface Probes {
  readonly right: Identity;
  /** Issued by another authority with the same name. */
  readonly foreign: Identity;
  readonly expired: Identity;
}

interface AuthorityNeeds {
  readonly folder: string;
  readonly files: Files;
  readonly clock: Pick<Clock, "now">;
}

const CERTIFICATE_FILE = "ca.pem";
const PRIVATE_KEY_FILE = "ca.private.pem";
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LIFE_MS = 30 * DAY_MS;
const AUTHORITY_LIFE_MS = 3_650 * DAY_MS;
/** Certificates start this much earlier, because a host's clock may be slow. */
const EARLIER_MS = HOUR_MS;
const PROBE_SUBJECT = hostSubject("probe");

/**
 * Reads the authority, or creates it at the first call with a key of mode 0600.
 * @throws `authority_key_missing`.
 */
export async function openAuthority({ folder, files, clock }: AuthorityNeeds): Promise<Authority> {
  const own = await readAuthority(folder, files) ?? await newAuthority({ folder, files, clock });
  const leaf = (lifeMs: number) => validity(clock.now(), lifeMs);
  const probe = (issuer: Identity, life: Validity) =>
    issueIdentity(issuer, { ...life, subject: PROBE_SUBJECT, use: "client" });
  return {
    pem: own.certificatePem,

    issueHost: (hostId, publicPem) =>
      issueCertificate(own, {
        ...leaf(LIFE_MS),
        subject: hostSubject(hostId),
        use: "client",
        publicPem,
      }),

    issueGateway: (address) =>
      issueIdentity(own, { ...leaf(LIFE_MS), subject: gatewaySubject(address), use: "server" }),

    async issueProbes() {
      const stranger = await makeAuthority(AUTHORITY_SUBJECT, leaf(DAY_MS));
      const yesterday = validity(new Date(clock.now().getTime() - 2 * DAY_MS), DAY_MS);
      return {
        right: await probe(own, leaf(HOUR_MS)),
        foreign: await probe(stranger, leaf(HOUR_MS)),
        expired: await probe(own, yesterday),
      };
    },
  };
}

async function readAuthority(folder: string, files: Files): Promise<Identity | undefined> {
  const certificatePem = await files.readText(`${folder}/${CERTIFICATE_FILE}`);
  if (certificatePem === undefined) return undefined;
  const path = `${folder}/${PRIVATE_KEY_FILE}`;
  const privatePem = await files.readText(path);
  if (privatePem === undefined) throw authorityKeyMissing(path);
  return { certificatePem, privatePem };
}

/** Writes the certificate last: without it, the key has signed nothing that was handed out. */
async function newAuthority({ folder, files, clock }: AuthorityNeeds): Promise<Identity> {
  const made = await makeAuthority(AUTHORITY_SUBJECT, validity(clock.now(), AUTHORITY_LIFE_MS));
  await files.writeText(`${folder}/${PRIVATE_KEY_FILE}`, made.privatePem, { mode: 0o600 });
  await files.writeText(`${folder}/${CERTIFICATE_FILE}`, made.certificatePem, { mode: 0o644 });
  return made;
}

function validity(now: Date, lifeMs: number): Validity {
  return {
    from: new Date(now.getTime() - EARLIER_MS),
    until: new Date(now.getTime() + lifeMs),
  };
}
