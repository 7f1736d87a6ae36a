import { describe, expect, it } from "vitest";
import { SecretValue } from "../../lib/secret-value.js";
import { rememberingDerived } from "../../lib/signing/derived-keys.js";

const counting = () => {
  const derived: string[] = [];
  const keyOf = rememberingDerived((secret, context) => {
    derived.push(context);
    return `${secret.revealText()}:${context}`;
  });
  return { derived, keyOf };
};

describe("rememberingDerived", () => {
  const secret = new SecretValue("canary-1");

  it("derives once for a secret and a context", () => {
    const { derived, keyOf } = counting();
    expect([keyOf(secret, "monday"), keyOf(secret, "monday"), keyOf(secret, "tuesday")]).toEqual([
      "canary-1:monday",
      "canary-1:monday",
      "canary-1:tuesday",
    ]);
    expect(derived).toEqual(["monday", "tuesday"]);
  });

  it("gives another secret its own", () => {
    const { keyOf } = counting();
    expect([keyOf(secret, "monday"), keyOf(new SecretValue("canary-2"), "monday")]).toEqual(["canary-1:monday", "canary-2:monday"]);
  });

  it("holds eight of a secret and forgets the oldest", () => {
    const { derived, keyOf } = counting();
    for (let day = 1; day <= 9; day++) keyOf(secret, String(day));
    expect(derived).toHaveLength(9);
    for (let day = 2; day <= 9; day++) keyOf(secret, String(day));
    expect(derived).toHaveLength(9);
    keyOf(secret, "1");
    expect(derived.at(-1)).toBe("1");
  });

  it("shares nothing between two profiles", () => {
    const [one, other] = [counting(), counting()];
    one.keyOf(secret, "monday");
    other.keyOf(secret, "monday");
    expect(other.derived).toEqual(["monday"]);
  });
});
