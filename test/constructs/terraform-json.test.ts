import { Token } from "cdktf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { terraformJson } from "../../constructs/terraform-json.js";

test("escapes what Terraform would read as a template, and leaves tokens alone", () => {
  const token = Token.asString({ resolve: () => "arn" });
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's template, not ours
  expect(terraformJson({ literal: "${file(1)} %{if} $x 100%", token: `${token}/*` })).toBe(
    `{"literal":"$\${file(1)} %%{if} $x 100%","token":"${token}/*"}`,
  );
});

test("is the value's own JSON once Terraform has unescaped it", () => {
  const unescaped = (text: string): string => text.replace(/([$%])\1\{/g, "$1{");
  const withoutDoubles = fc
    .string({ unit: fc.constantFrom("a", "$", "%", "{", "}", '"', "\\") })
    .filter((text) => !/\$\$\{|%%\{/.test(text));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom("a", "b"), withoutDoubles), (value) => {
      expect(JSON.parse(unescaped(terraformJson(value)))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
