import { describe, expect, it } from "vitest";
import { formatAddress } from "../../lib/net/address.js";
import { parseSourceAddress } from "../../lib/net/source-address.js";

/** THREATS 14: an address that holds another is judged as the one it surely is, or not at all. */
describe("parseSourceAddress", () => {
  it.each([
    ["10.2.3.4", "10.2.3.4"],
    ["::ffff:10.2.3.4", "10.2.3.4"],
    ["64:ff9b::a02:304", "10.2.3.4"],
    ["2001:db8::1", "2001:db8::1"],
    ["::1", "::1"],
    ["::", "::"],
  ])("judges %s as %s", (text, judged) => {
    expect(formatAddress(parseSourceAddress(text)!)).toBe(judged);
  });

  it.each(["2002:a02:304::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "::10.2.3.4", "64:ff9b:1::a02:304", "010.0.0.1", ""])(
    "does not know %j",
    (text) => {
      expect(parseSourceAddress(text)).toBeUndefined();
    },
  );
});
