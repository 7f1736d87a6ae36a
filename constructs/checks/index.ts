/** Every rule a field must pass, the most telling first: one finding a field is enough. */
import type { FieldCheck } from "./check.js";
import { literalSecret } from "./literal-secret.js";
import { unknownReference } from "./unknown-reference.js";
import { unresolvedToken } from "./unresolved-token.js";

export const FIELD_CHECKS: readonly FieldCheck[] = [unresolvedToken, literalSecret, unknownReference];
