/** Whom the certificates of an account name: its authority, its hosts, and its gateway to Temporal. */

export interface CertificateSubject {
  readonly commonName: string;
  /** Subject alternative names, which are what counts (RFC 6125). */
  readonly names: readonly SubjectName[];
}

export interface SubjectName {
  readonly type: "dns" | "ip" | "url";
  readonly value: string;
}

/** X.520 bounds a common name, a host id may be longer: whole it is in the URI only. */
const LONGEST_COMMON_NAME = 64;

/** `server_name` of the gateway. It does not follow the address, which may change under the hosts. */
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

/** `address` is the name or IP address at which the control plane itself knocks. */
export function gatewaySubject(address: string): CertificateSubject {
  const type = /^[\d.]+$|:/.test(address) ? "ip" : "dns";
  return {
    commonName: GATEWAY_NAME,
    names: [{ type: "dns", value: GATEWAY_NAME }, { type, value: address }],
  };
}
