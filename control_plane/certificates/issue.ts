/** Issues X.509 certificates (RFC 5280). Stores nothing; the caller keeps the keys. */

import "reflect-metadata";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  PemConverter,
  PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { CertificateSubject } from "../../templates/certificates.ts";

cryptoProvider.set(crypto);

/** A certificate and its private key, both PEM with a final newline. */
export interface Identity {
  readonly certificatePem: string;
  readonly privatePem: string;
}

export interface Validity {
  readonly from: Date;
  readonly until: Date;
}

export interface LeafOptions extends Validity {
  readonly subject: CertificateSubject;
  readonly use: "client" | "server";
}

const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
/** Extended key usages (RFC 5280, 4.2.1.12), so that a host's certificate cannot serve as the gateway's. */
const USES = { client: "1.3.6.1.5.5.7.3.2", server: "1.3.6.1.5.5.7.3.1" } as const;

/** Creates an authority that signs only leaf certificates: a new P-256 key and its self-signed certificate. */
export async function makeAuthority(
  { commonName }: CertificateSubject,
  { from, until }: Validity,
): Promise<Identity> {
  const keys = await crypto.subtle.generateKey(ECDSA, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: nameOf(commonName),
    notBefore: from,
    notAfter: until,
    keys,
    signingAlgorithm: ECDSA,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificatePem: pemOf(certificate), privatePem: await privatePemOf(keys.privateKey) };
}

/** Issues a certificate (PEM) for a public key (SPKI PEM) whose private key the caller does not have. */
export async function issueCertificate(
  issuer: Identity,
  { publicPem, subject, use, from, until }: LeafOptions & { readonly publicPem: string },
): Promise<string> {
  const authority = new X509Certificate(issuer.certificatePem);
  const publicKey = new PublicKey(publicPem);
  const certificate = await X509CertificateGenerator.create({
    subject: nameOf(subject.commonName),
    issuer: authority.subjectName,
    notBefore: from,
    notAfter: until,
    publicKey,
    signingKey: await signingKeyOf(issuer),
    signingAlgorithm: ECDSA,
    extensions: await leafExtensions({ authority, publicKey, subject, use }),
  });
  return pemOf(certificate);
}

/** Issues a certificate with a new P-256 key. */
export async function issueIdentity(issuer: Identity, options: LeafOptions): Promise<Identity> {
  const keys = await crypto.subtle.generateKey(ECDSA, true, ["sign", "verify"]);
  const spki = await crypto.subtle.exportKey("spki", keys.publicKey);
  const publicPem = PemConverter.encode(spki, "PUBLIC KEY");
  return {
    certificatePem: await issueCertificate(issuer, { ...options, publicPem }),
    privatePem: await privatePemOf(keys.privateKey),
  };
}

async function leafExtensions(
  { authority, publicKey, subject, use }: Pick<LeafOptions, "subject" | "use"> & {
    readonly authority: X509Certificate;
    readonly publicKey: PublicKey;
  },
): Promise<Extension[]> {
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([USES[use]]),
    new SubjectAlternativeNameExtension(subject.names.map((name) => ({ ...name }))),
    await SubjectKeyIdentifierExtension.create(publicKey),
    await AuthorityKeyIdentifierExtension.create(authority),
  ];
}

/** Passed as a value, because the library parses a plain string as a distinguished name. */
const nameOf = (commonName: string): Name => new Name([{ CN: [{ utf8String: commonName }] }]);

function signingKeyOf({ privatePem }: Identity): Promise<CryptoKey> {
  const pkcs8 = PemConverter.decodeFirst(privatePem);
  return crypto.subtle.importKey("pkcs8", pkcs8, ECDSA, false, ["sign"]);
}

async function privatePemOf(key: CryptoKey): Promise<string> {
  return `${PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}

const pemOf = (certificate: X509Certificate): string => `${certificate.toString("pem")}\n`;
