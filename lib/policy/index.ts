/** Policy as code: read, validate, compile, evaluate, explain. Pure: no clock, no randomness, no I/O. */
export { accessRequest, type DescribedRequest } from "./access-request.js";
export { type CompiledRoute, compilePolicy, type Policy } from "./compile.js";
export type { AccessRequest } from "./conditions.js";
export type * from "./document.generated.js";
export { type Decision, evaluate } from "./evaluate.js";
export { type Explanation, explain } from "./explain.js";
export { loadPolicy } from "./load.js";
export { type Origin, parseOrigin } from "./origin.js";
export { type PolicySource, parsePolicy } from "./parse.js";
export { printPolicy } from "./print.js";
export { formatProblem, type Position, type Problem, type Severity, worstCode } from "./problem.js";
export { runPolicyTests, type TestResult } from "./tests.js";
export { type Validated, validateDocument } from "./validate.js";
export { canonicalPolicy, policyVersion } from "./version.js";
