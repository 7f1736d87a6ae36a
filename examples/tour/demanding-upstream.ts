/** An upstream that answers only to the right client certificate, the right key and a signature that verifies. */
import { hmacProfile, SecretValue } from "sallyport/signing";
import type { RecordedRequest } from "../../test/fakes/recorded-request.js";
import { startUpstream, type Upstream } from "../../test/fakes/upstream.js";
import type { TourCredentials } from "./credentials.js";

export const HOST = "api.payments.example";

export function demandingUpstream({ bearer, signingKey, server, authorityPem }: TourCredentials): Promise<Upstream> {
  const profile = hmacProfile({ form: "plain", keyId: "acquirer-2026" });
  const key = new SecretValue(signingKey);
  const verifySignature = ({ method, target, rawHeaders, body }: RecordedRequest): string | undefined => {
    const headers = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1]!] as const] : []));
    const verified = profile.verify({ method, authority: HOST, target, headers, body }, () => key, Date.now());
    return "denied" in verified ? verified.denied : undefined;
  };
  return startUpstream({
    key: server.privateKeyPem,
    cert: server.certificatePem,
    clientCa: authorityPem,
    expectations: { bearer, clientCommonName: "payments-door", verifySignature },
  });
}
