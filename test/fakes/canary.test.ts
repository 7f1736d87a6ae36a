import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { validateHeaderValue } from "node:http";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { canary, canaryForms, expectNoCanary, findCanary, scanTree } from "./canary.js";
import { temporaryFolder } from "./temporary-folder.js";

const VALUE = "canary-fixed-~~~???/+\"&<>'\\%0123456789abcdef";
const familyOf = (form: string) => form.replace("base64url", "base64").replace(/-[a-z].*/, "");
const formNamed = (form: string) =>
  canaryForms(VALUE)
    .find((candidate) => candidate.form === form)!
    .bytes.toString();

describe("canary", () => {
  it("makes a secret of at least 32 characters that an HTTP header may hold", () => {
    const value = canary("stripe-key");
    expect(value.length).toBeGreaterThanOrEqual(32);
    expect(value).toMatch(/^canary-stripe-key-[\x21-\x7e]+$/);
    expect(() => validateHeaderValue("x-test", value)).not.toThrow();
  });

  it("makes a different secret each time", () => {
    expect(new Set(Array.from({ length: 100 }, () => canary("same"))).size).toBe(100);
  });

  it("makes a secret that every encoding changes, in both alphabets at every alignment", () => {
    const texts = canaryForms(canary("x")).map(({ bytes }) => bytes.toString());
    expect(new Set(texts).size).toBe(texts.length);
  });
});

describe("canaryForms", () => {
  const decoders: Record<string, (text: string) => string> = {
    raw: (text) => text,
    percent: decodeURIComponent,
    json: (text) => JSON.parse(`"${text}"`),
    hex: (text) => Buffer.from(text, "hex").toString(),
  };

  it.each(canaryForms(VALUE).filter(({ form }) => familyOf(form) in decoders))(
    "spells $form so that its decoder gives the value",
    ({ form, bytes }) => {
      expect(decoders[familyOf(form)]!(bytes.toString())).toBe(VALUE);
    },
  );

  it("spells HTML as named, decimal and hexadecimal references", () => {
    expect(formNamed("html-named")).toContain("&sol;&plus;&quot;&amp;&lt;&gt;&apos;&bsol;&percnt;");
    expect(formNamed("html-decimal")).toContain("&#47;&#43;&#34;&#38;&#60;&#62;&#39;");
    expect(formNamed("html-decimal-padded")).toContain("&#047;&#043;&#034;&#038;");
    expect(formNamed("html-hex-lower")).toContain("&#x2f;&#x2b;&#x22;&#x26;");
    expect(formNamed("html-hex-upper")).toContain("&#X2F;&#X2B;&#X22;&#X26;");
  });

  it("spells JSON with the short, the slash and the \\u escapes", () => {
    expect(formNamed("json")).toContain('/+\\"&<>');
    expect(formNamed("json-slash")).toContain('\\/+\\"&<>');
    expect(formNamed("json-unicode-lower")).toContain("\\u002f\\u002b\\u0022");
    expect(formNamed("json-unicode-upper")).toContain("\\u002F\\u002B\\u0022");
  });

  it.each([0, 1, 2])("gives the part of base64 that no neighbour changes, at alignment %i", (alignment) => {
    const standard = formNamed(`base64-${alignment}`);
    const urlSafe = formNamed(`base64url-${alignment}`);
    const neighbours = fc.tuple(fc.uint8Array({ minLength: alignment, maxLength: alignment }), fc.uint8Array({ maxLength: 5 }));
    fc.assert(
      fc.property(neighbours, ([before, after]) => {
        const bytes = Buffer.concat([before, Buffer.from(VALUE), after]);
        expect(bytes.toString("base64")).toContain(standard);
        expect(bytes.toString("base64url")).toContain(urlSafe);
      }),
    );
    expect(standard).toMatch(/[+].*[/]|[/].*[+]/);
    expect(urlSafe).not.toMatch(/[+/]/);
    expect(standard.length).toBeGreaterThanOrEqual(Math.floor((VALUE.length * 8) / 6) - 1);
  });
});

describe("findCanary", () => {
  it.each(canaryForms(VALUE))("finds the planted form $form in the middle of any data, at its offset", ({ form, bytes }) => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (before, after) => {
        const hits = findCanary(Buffer.concat([before, bytes, after]), [VALUE]);
        expect(hits).toEqual([{ form: familyOf(form), offset: before.length, index: 0 }]);
      }),
    );
  });

  it.each(["base64", "base64url"] as const)("finds %s of data that holds the value, whatever surrounds it", (alphabet) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), fc.uint8Array({ maxLength: 50 }), (before, after) => {
        const text = Buffer.concat([before, Buffer.from(VALUE), after]).toString(alphabet);
        expect(findCanary(text, [VALUE])).toMatchObject([{ form: `base64-${before.length % 3}` }]);
      }),
    );
  });

  it.each(["alice:", "al:", "a:"])("finds it in Basic credentials of user %j", (user) => {
    const header = `Basic ${Buffer.from(user + VALUE).toString("base64")}`;
    expect(findCanary(header, [VALUE])).toMatchObject([{ form: `base64-${user.length % 3}` }]);
  });

  it.each(["percent", "json", "html"])("finds every mixture of %s spellings", (family) => {
    const spellings = canaryForms(VALUE)
      .map(({ form }) => form)
      .filter((form) => familyOf(form) === family);
    const spell = (character: string, form: string) =>
      canaryForms(character)
        .find((candidate) => candidate.form === form)!
        .bytes.toString();
    const choices = fc.array(fc.constantFrom(...spellings), { minLength: VALUE.length, maxLength: VALUE.length });
    fc.assert(
      fc.property(choices, (chosen) => {
        const mixed = Array.from(VALUE, (character, at) => spell(character, chosen[at]!)).join("");
        expect(findCanary(`{"key":"${mixed}"}`, [VALUE])).toMatchObject([{ offset: 8 }]);
      }),
    );
  });

  it("finds JSON as Go writes it and HTML as common template engines write it", () => {
    const go = JSON.stringify(VALUE).replace(/[&<>]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
    const template = VALUE.replace(
      /[&<>"']/g,
      (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" })[character]!,
    );
    expect(findCanary(go, [VALUE])).toMatchObject([{ form: "json" }]);
    expect(findCanary(template, [VALUE])).toMatchObject([{ form: "html" }]);
  });

  it("finds a value outside ASCII in every form", () => {
    const value = "clé-secrète-€-\u{1F511}-0123456789";
    for (const { form, bytes } of canaryForms(value)) {
      expect(findCanary(Buffer.concat([Buffer.from("é "), bytes]), [value]), form).toMatchObject([{ offset: 3 }]);
    }
  });

  it("finds each occurrence of each value and says which it was", () => {
    const other = canary("other");
    const hits = findCanary(`${VALUE} ${other} ${encodeURIComponent(other)}`, [VALUE, other]);
    expect(hits.map(({ form, index }) => [form, index])).toEqual([
      ["raw", 0],
      ["raw", 1],
      ["percent", 1],
    ]);
  });

  it("finds nothing in clean data, nor in a value with one character changed", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1000 }), (data) => {
        expect(findCanary(data, [VALUE])).toEqual([]);
      }),
    );
    fc.assert(
      fc.property(fc.nat(VALUE.length - 1), (at) => {
        expect(findCanary(`${VALUE.slice(0, at)}*${VALUE.slice(at + 1)}`, [VALUE])).toEqual([]);
      }),
    );
  });

  it("searches only the viewed part of a larger buffer", () => {
    const whole = Buffer.from(`${VALUE} clean`);
    expect(findCanary(whole.subarray(VALUE.length), [VALUE])).toEqual([]);
    expect(findCanary(new Uint8Array(whole), [VALUE])).toHaveLength(1);
  });

  it("refuses a search that could not fail, and a value that chance could produce", () => {
    expect(() => findCanary("data", [])).toThrow("a search for no value cannot fail");
    expect(() => findCanary("data", [VALUE, "elevenbytes"])).toThrow("a value of fewer than 12 bytes can be found by chance");
  });
});

describe("scanTree", () => {
  it("finds a leak in content, in file and folder names and in link targets, at any depth", async () => {
    const folder = temporaryFolder(onTestFinished);
    const nameable = "canary-nameable-0123456789abcdef";
    mkdirSync(join(folder, "deep", `folder-${nameable}`), { recursive: true });
    writeFileSync(join(folder, "deep", "log.json"), Buffer.concat([Buffer.from([0xff, 0x00]), Buffer.from(JSON.stringify(VALUE))]));
    writeFileSync(join(folder, `${Buffer.from(nameable).toString("hex")}.txt`), "clean");
    symlinkSync(`/nowhere/${nameable}`, join(folder, "link"));
    const hits = await scanTree(folder, [VALUE, nameable]);
    expect(hits.sort((a, b) => a.path.localeCompare(b.path))).toEqual([
      { path: `${Buffer.from(nameable).toString("hex")}.txt`, place: "name", form: "hex", offset: 0, index: 1 },
      { path: join("deep", `folder-${nameable}`), place: "name", form: "raw", offset: 12, index: 1 },
      { path: join("deep", "log.json"), place: "content", form: "json", offset: 3, index: 0 },
      { path: "link", place: "link target", form: "raw", offset: 9, index: 1 },
    ]);
  });

  it("follows no link", async () => {
    const outside = temporaryFolder(onTestFinished);
    const folder = temporaryFolder(onTestFinished);
    writeFileSync(join(outside, "leak.txt"), VALUE);
    symlinkSync(outside, join(folder, "linked-folder"));
    symlinkSync(join(outside, "leak.txt"), join(folder, "linked-file"));
    symlinkSync(folder, join(folder, "loop"));
    expect(await scanTree(folder, [VALUE])).toEqual([]);
    expect(await scanTree(outside, [VALUE])).toHaveLength(1);
  });

  it("fails when the folder does not exist", async () => {
    await expect(scanTree("/does/not/exist", [VALUE])).rejects.toThrow("ENOENT");
  });
});

describe("expectNoCanary", () => {
  it.each(canaryForms(VALUE))("fails on $form and names channel, form and offset, but not the secret", ({ form, bytes }) => {
    const data = Buffer.concat([Buffer.from("GET / "), bytes]);
    expect(() => expectNoCanary("access log", data, [VALUE])).toThrow(`canary in access log: value 0 as ${familyOf(form)} at byte 6`);
    try {
      expectNoCanary("access log", data, [VALUE]);
    } catch (error) {
      expect(findCanary(String(error), [VALUE])).toEqual([]);
    }
  });

  it("passes clean data", () => {
    expect(() => expectNoCanary("access log", "GET /v1/charges 200", [VALUE])).not.toThrow();
  });
});
