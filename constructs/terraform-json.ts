/**
 * JSON inside a Terraform string (IAM policies, bindings). Terraform reads `${` and `%{` of any string as a template:
 * literal ones are escaped, tokens stay what they are.
 */
const LITERAL_TEMPLATE = /([$%])\{(?!TfToken\[)/g;

export const terraformJson = (value: unknown): string =>
  JSON.stringify(value, (_key, leaf) => (typeof leaf === "string" ? leaf.replace(LITERAL_TEMPLATE, "$1$1{") : leaf));
