/** Every rule of the document, in the order in which problems are told. */
import { badNetwork } from "./bad-network.js";
import { badRequestPattern } from "./bad-request-pattern.js";
import { badTarget } from "./bad-target.js";
import type { Check } from "./check.js";
import { duplicateHost } from "./duplicate-host.js";
import { duplicateIdentity } from "./duplicate-identity.js";
import { cleartextTarget, literalSecret, openNetwork, routeWithoutGrant, secretMaxAge, weakSignature } from "./guardrails.js";
import { hostNotAllowed } from "./host-not-allowed.js";
import { injectionConflict } from "./injection-conflict.js";
import { neverEffective } from "./never-effective.js";
import { notEnforced } from "./not-enforced.js";
import { signingKeys } from "./signing-keys.js";
import { unknownReference } from "./unknown-reference.js";
import { unknownWaiverRule } from "./unknown-waiver-rule.js";
import { unnamedCertificate } from "./unnamed-certificate.js";
import { wildcardHost } from "./wildcard-host.js";

const GUARDRAILS: readonly Check[] = [cleartextTarget, openNetwork, secretMaxAge, routeWithoutGrant, literalSecret, weakSignature];

export const CHECKS: readonly Check[] = [
  unknownReference,
  badTarget,
  badRequestPattern,
  badNetwork,
  wildcardHost,
  hostNotAllowed,
  injectionConflict,
  signingKeys,
  duplicateIdentity,
  duplicateHost,
  unnamedCertificate,
  neverEffective,
  ...GUARDRAILS,
  unknownWaiverRule(GUARDRAILS),
  notEnforced,
];
