/** The subjects of an account's certificates: its authority, its hosts, and its gateway to Temporal. */

export interface CertificateSubject {
  readonly commonName: string;
  /** Subject alternative names; only these identify the subject (RFC 6125). */
  readonly names: readonly SubjectName[];
}

export interface SubjectName {
  readonly type: "dns" | "ip" | "url";
  readonly value: string;
}

/** Limit of a common name (X.520). A host id may be longer; only the URI holds all of it. */
const LONGEST_COMMON_NAME = 64;

/** `server_name` of the gateway. It is not the address, which may change while hosts are registered. */
export const GATEWAY_NAME = "temporal-gateway.bigeye.internal";

export const AUTHORITY_SUBJECT: CertificateSubject = {
  commonName: "Bigeye agent authority",
  names: [],
};

export function hostSubject(hostId: string): CertificateSubject {
  return {
    commonName: hostId.slice(0, LONGEST_COMMON_NAME),
    names: [{ type: "url", value: `urn:bigeye:host:${hostId}` }],
  };
}

/** `address` is the name or IP address at which the control plane probes the gateway. */
export function gatewaySubject(address: string): CertificateSubject {
  const type = /^[\d.]+$|:/.test(address) ? "ip" : "dns";
  return {
    commonName: GATEWAY_NAME,
    names: [{ type: "dns", value: GATEWAY_NAME }, { type, value: address }],
  };
}
