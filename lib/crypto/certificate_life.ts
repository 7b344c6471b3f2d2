/** How long a certificate is good, and when to have the next one. */

import { X509Certificate } from "node:crypto";
import { unreadableCertificate } from "../problems/keys.ts";

export interface CertificateLife {
  /** Two thirds of the way to its end. */
  readonly renewAt: Date;
  readonly until: Date;
}

/** Reads it from the PEM text. Throws `certificate_unreadable`. */
export function certificateLife(pem: string): CertificateLife {
  const { validFrom, validTo } = parsed(pem);
  const [from, until] = [Date.parse(validFrom), Date.parse(validTo)];
  return { renewAt: new Date(from + (until - from) * 2 / 3), until: new Date(until) };
}

function parsed(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw unreadableCertificate(cause);
  }
}
