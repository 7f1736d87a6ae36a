import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type TLSSocket } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Authority, type CertificateRequest, createAuthority } from "./certificates.js";

const DAY_MS = 86_400_000;

/** Completes a handshake for `servername` and returns how the client judged the server. */
async function judgeServer(authority: Authority, trusted: Authority, request: CertificateRequest, servername: string): Promise<string> {
  const { certificatePem, privateKeyPem } = await authority.issue(request);
  const server = createServer({ cert: certificatePem, key: privateKeyPem }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const socket: TLSSocket = connect({
    port: (server.address() as AddressInfo).port,
    host: "127.0.0.1",
    servername,
    ca: trusted.certificatePem,
  });
  return new Promise((resolve) => {
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on("secureConnect", () => {
      socket.destroy();
      resolve("trusted");
    });
  });
}

describe("createAuthority", () => {
  it("issues a P-256 certificate with the names asked for, signed by the root", async () => {
    const authority = await createAuthority("Test Root");
    const issued = await authority.issue({
      commonName: "payments, a+b=c",
      dnsNames: ["api.example", "*.api.example"],
      ipAddresses: ["127.0.0.1", "::1"],
      uris: ["spiffe://example/payments"],
    });
    const root = new X509Certificate(authority.certificatePem);
    const certificate = new X509Certificate(issued.certificatePem);
    expect(root.ca).toBe(true);
    expect(root.subject).toBe("CN=Test Root");
    expect(certificate.ca).toBe(false);
    expect(certificate.checkIssued(root)).toBe(true);
    expect(certificate.verify(root.publicKey)).toBe(true);
    expect(certificate.subjectAltName).toBe(
      "DNS:api.example, DNS:*.api.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, URI:spiffe://example/payments",
    );
    expect(certificate.toLegacyObject().subject.CN).toBe("payments, a+b=c");
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
    expect(certificate.checkPrivateKey(createPrivateKey(issued.privateKeyPem))).toBe(true);
  });

  it("marks server and client certificates for their one purpose", async () => {
    const authority = await createAuthority("Test Root");
    const usage = async (client?: boolean) => {
      const { certificatePem } = await authority.issue({ commonName: "x", ...(client === undefined ? {} : { client }) });
      return new X509Certificate(certificatePem).keyUsage;
    };
    expect(await usage()).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(await usage(false)).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(await usage(true)).toEqual(["1.3.6.1.5.5.7.3.2"]);
  });

  it("is valid around the injected date, or exactly as asked", async () => {
    const date = new Date("2031-05-06T07:08:09Z");
    const authority = await createAuthority("Test Root", date);
    const [usual, asked] = await Promise.all([
      authority.issue({ commonName: "x" }),
      authority.issue({ commonName: "x", notBefore: new Date("2020-01-01T00:00:00Z"), notAfter: new Date("2020-02-01T00:00:00Z") }),
    ]);
    const validity = (pem: string) => {
      const { validFrom, validTo } = new X509Certificate(pem);
      return [Date.parse(validFrom), Date.parse(validTo)];
    };
    expect(validity(usual!.certificatePem)).toEqual([date.getTime() - DAY_MS, date.getTime() + 90 * DAY_MS]);
    expect(validity(asked!.certificatePem)).toEqual([Date.parse("2020-01-01T00:00:00Z"), Date.parse("2020-02-01T00:00:00Z")]);
  });

  it("gives every certificate its own serial number and key", async () => {
    const authority = await createAuthority("Test Root");
    const certificates = await Promise.all([1, 2, 3].map(() => authority.issue({ commonName: "same" })));
    expect(new Set(certificates.map(({ certificatePem }) => new X509Certificate(certificatePem).serialNumber)).size).toBe(3);
    expect(new Set(certificates.map(({ privateKeyPem }) => privateKeyPem)).size).toBe(3);
  });

  it("is judged by a TLS client as any authority is: name, date, purpose and issuer", async () => {
    const [authority, stranger] = await Promise.all([createAuthority("Test Root"), createAuthority("Test Root")]);
    const named = { commonName: "api.example", dnsNames: ["api.example"] };
    expect(await judgeServer(authority, authority, named, "api.example")).toBe("trusted");
    expect(await judgeServer(authority, authority, named, "other.example")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
    expect(await judgeServer(authority, authority, { ...named, notAfter: new Date(Date.now() - 1000) }, "api.example")).toBe(
      "CERT_HAS_EXPIRED",
    );
    expect(await judgeServer(authority, authority, { ...named, notBefore: new Date(Date.now() + DAY_MS) }, "api.example")).toBe(
      "CERT_NOT_YET_VALID",
    );
    expect(await judgeServer(authority, authority, { ...named, client: true }, "api.example")).toBe("INVALID_PURPOSE");
    expect(await judgeServer(stranger, authority, named, "api.example")).toMatch(
      /UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_SIGNATURE_FAILURE|UNABLE_TO_GET_ISSUER_CERT/,
    );
  });
});
