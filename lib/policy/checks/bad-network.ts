import { parseAddress } from "../../net/address.js";
import { explainCidr, parseCidr } from "../../net/cidr.js";
import type { Check, Finding } from "./check.js";

export const badNetwork: Check = {
  rule: "bad-network",
  severity: "error",
  *find({ ipPolicies = {}, tests = {} }): Generator<Finding> {
    for (const [id, policy] of Object.entries(ipPolicies)) {
      for (const list of ["allow", "deny"] as const) {
        for (const [index, network] of (policy[list] ?? []).entries()) {
          if (parseCidr(network) !== undefined) continue;
          yield {
            at: ["ipPolicies", id, list, index],
            message: `the network cannot be used: ${explainCidr(network)}`,
            expected: "an address or a network in CIDR form, without host bits",
            found: network,
            cure: "Write the network's own address and prefix length, such as 10.0.0.0/8.",
          };
        }
      }
    }
    for (const [id, { from }] of Object.entries(tests)) {
      if (from === undefined || parseAddress(from) !== undefined) continue;
      yield {
        at: ["tests", id, "from"],
        message: "the address cannot be read",
        expected: "an IPv4 or IPv6 address",
        found: from,
        cure: "Write a full address, such as 10.1.2.3.",
      };
    }
  },
};
