/**
 * A throw-away certificate authority, so that tests and the tour speak real TLS with real client certificates and never
 * need an insecure switch. Keys are ECDSA P-256 and live in memory only. Profile: RFC 5280, names in the subject
 * alternative name (RFC 6125).
 */
import "./reflect-metadata.js";
import { KeyObject, webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

const DAY_MS = 86_400_000;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

export interface CertificateRequest {
  readonly commonName: string;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** For example a SPIFFE id. */
  readonly uris?: readonly string[];
  /** Default: one day before the authority's date. */
  readonly notBefore?: Date;
  /** Default: 90 days after the authority's date. */
  readonly notAfter?: Date;
  /** Whether it identifies a TLS client instead of a server. Default: false. */
  readonly client?: boolean;
}

export interface IssuedCertificate {
  readonly certificatePem: string;
  /** PKCS #8. */
  readonly privateKeyPem: string;
}

export interface Authority {
  readonly certificatePem: string;
  issue(request: CertificateRequest): Promise<IssuedCertificate>;
}

const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);

const distinguishedName = (commonName: string) => [{ CN: [commonName] }];

const alternativeNames = ({ dnsNames = [], ipAddresses = [], uris = [] }: CertificateRequest): JsonGeneralNames => [
  ...dnsNames.map((value) => ({ type: "dns" as const, value })),
  ...ipAddresses.map((value) => ({ type: "ip" as const, value })),
  ...uris.map((value) => ({ type: "url" as const, value })),
];

/**
 * Makes a new root authority.
 * @param commonName subject and issuer name of the root
 * @param date the moment around which certificates are valid by default; the root lives ten years either way
 */
export async function createAuthority(commonName: string, date: Date = new Date()): Promise<Authority> {
  const dateAfter = (days: number) => new Date(date.getTime() + days * DAY_MS);
  const keys = await newKeys();
  const root = await X509CertificateGenerator.createSelfSigned({
    name: distinguishedName(commonName),
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: dateAfter(-3650),
    notAfter: dateAfter(3650),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });

  return {
    certificatePem: root.toString("pem"),
    async issue(request) {
      const { publicKey, privateKey } = await newKeys();
      const names = alternativeNames(request);
      const certificate = await X509CertificateGenerator.create({
        subject: distinguishedName(request.commonName),
        issuer: root.subjectName,
        publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        notBefore: request.notBefore ?? dateAfter(-1),
        notAfter: request.notAfter ?? dateAfter(90),
        extensions: [
          new BasicConstraintsExtension(false),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([request.client ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth]),
          await AuthorityKeyIdentifierExtension.create(keys.publicKey),
          await SubjectKeyIdentifierExtension.create(publicKey),
          ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []),
        ],
      });
      return {
        certificatePem: certificate.toString("pem"),
        privateKeyPem: KeyObject.from(privateKey).export({ type: "pkcs8", format: "pem" }).toString(),
      };
    },
  };
}
