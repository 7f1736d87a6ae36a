import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { looksLikeCredential, redactCredentials } from "../../lib/policy/credential-shape.js";

describe("looksLikeCredential", () => {
  it.each([
    ["a Stripe key", "sk_live_4eC39HqLyjWDarjtT1zdp7dc"],
    ["a restricted Stripe test key", "rk_test_4eC39HqLyjWDarjtT1zdp7dc"],
    ["a webhook secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    ["a GitHub token", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"],
    ["a fine-grained GitHub token", "github_pat_11ABCDEFG0aBcDeFgHiJkL_x"],
    ["a GitLab token", "glpat-aB3dE6gH9jK2mN5pQ8sT"],
    ["a Slack token", "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy"],
    ["an AWS access key id", "AKIAIOSFODNN7EXAMPLE"],
    ["an AWS secret access key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"],
    ["a Google API key", "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY"],
    ["an OpenAI key", "sk-proj-abc123def456"],
    ["an older OpenAI key", "sk-abcdefghijklmnopqrst1234"],
    ["an Anthropic key", "sk-ant-api03-abcdefgh"],
    ["a SendGrid key", "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"],
    ["a Twilio key", "SK0123456789abcdef0123456789abcdef"],
    ["an npm token", "npm_aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789"],
    ["a PyPI token", "pypi-AgEIcHlwaS5vcmcCJDU"],
    ["a Shopify token", "shpat_0123456789abcdef0123456789abcdef"],
    ["a JSON Web Token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"],
    ["a private key", "-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----"],
    ["a header value", "Bearer sk_live_4eC39HqLyjWDarjtT1zdp7dc"],
    ["a random run", "v7K2mQ9xR4tB8wZ1nC6yL3pD"],
  ])("recognises %s", (_what, text) => {
    expect(looksLikeCredential(text)).toBe(true);
  });

  it.each([
    "payments",
    "partner-hmac-key",
    "sk-backend-service",
    "pypi-maintainers-team",
    "ASIA-PACIFIC-OPERATIONS",
    "acme/Infrastructure-Terraform-Modules-V2",
    "prod/Payments/StripeApiKey2024-Restricted",
    "role/Payments-Service-Role-ProdEU1",
    "AWSReservedSSO_PowerUserAccess_0123456789abcdef",
    "MyBackendServiceAccountForPaymentsV2",
    "arn:aws:iam::222222222222:role/service-role/PaymentsExecutionRole",
    "arn:aws:secretsmanager:eu-west-1:111111111111:secret:prod/stripe-AbCdEf",
    "https://api.stripe.com/v1/charges/{id}/refunds",
    "https://token.actions.githubusercontent.com",
    "repo:acme/app:environment:prod",
    "spiffe://prod.acme.example/ns/payments/sa/charger",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "POST /v1/charges/{id}/capture",
    "2001:db8:85a3::8a2e:370:7334",
    "Token token={secret}",
    "CN=payments.acme.example,O=Acme Corporation,C=IE",
    "x-amz-content-sha256",
    "",
  ])("takes %j for what it is", (text) => {
    expect(looksLikeCredential(text)).toBe(false);
    expect(redactCredentials(text)).toBe(text);
  });

  it("recognises most random tokens of 192 bits", () => {
    const tokens = Array.from({ length: 1000 }, () => randomBytes(24).toString("base64url"));
    expect(tokens.filter(looksLikeCredential).length).toBeGreaterThan(900);
  });
});

describe("redactCredentials", () => {
  it("keeps what stands around a credential", () => {
    expect(redactCredentials("the header `Bearer sk_live_4eC39HqLyjWDarjtT1zdp7dc` is refused")).toBe(
      "the header `Bearer [redacted]` is refused",
    );
  });

  it("takes the whole word, whatever it goes on with", () => {
    expect(redactCredentials("sk_live_4eC39HqLyjWD%2Barjt!T1z and more")).toBe("[redacted] and more");
  });

  it("keeps nothing of a text too long to be judged", () => {
    expect(redactCredentials("a".repeat(65_536))).toBe("a".repeat(65_536));
    expect(redactCredentials("a".repeat(65_537))).toBe("[redacted]");
  });

  it("keeps no line of key material", () => {
    expect(redactCredentials("key: -----BEGIN EC PRIVATE KEY-----\nMHcCAQ\n-----END EC PRIVATE KEY-----\n")).toBe("key: [redacted]");
  });
});
