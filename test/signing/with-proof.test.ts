import { describe, expect, it } from "vitest";
import type { HeaderList } from "../../lib/signing/message.js";
import { withProof } from "../../lib/signing/with-proof.js";
import { ORDER } from "./messages.js";

const PROOF: HeaderList = [
  ["X-Amz-Credential", "a/b c"],
  ["X-Amz-Signature", "0f"],
];

describe("withProof", () => {
  it("puts a proof behind the headers", () => {
    expect(withProof(ORDER, {}, PROOF)).toEqual({ ...ORDER, headers: [...ORDER.headers, ...PROOF] });
  });

  it("puts it percent-encoded behind the query where the profile says so", () => {
    const parameters = "X-Amz-Credential=a%2Fb%20c&X-Amz-Signature=0f";
    expect(withProof(ORDER, { proofIn: "query" }, PROOF)).toEqual({ ...ORDER, target: `${ORDER.target}&${parameters}` });
    expect(withProof({ ...ORDER, target: "/" }, { proofIn: "query" }, PROOF).target).toBe(`/?${parameters}`);
  });
});
