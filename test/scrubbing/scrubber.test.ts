/** THREATS 3: no rendered form of a secret gets through, wherever chunks are cut, and nothing else is touched. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Scrubber, scrubList, scrubText } from "../../lib/scrubbing/scrubber.js";
import { canary, canaryForms, findCanary } from "../fakes/canary.js";

const SECRET = canary("scrub");

const list = (...secrets: (string | Uint8Array)[]) => scrubList(secrets.map((secret) => Buffer.from(secret as string)));

function scrubbed(secrets: ReturnType<typeof list>, chunks: readonly Uint8Array[]) {
  const scrubber = new Scrubber(secrets);
  const parts = [...chunks.map((chunk) => Buffer.from(scrubber.write(chunk))), Buffer.from(scrubber.end())];
  return { text: Buffer.concat(parts).toString("latin1"), parts: parts.map((part) => part.toString("latin1")), hits: scrubber.hits };
}

const cut = (bytes: Buffer, ...offsets: number[]): Buffer[] => {
  const ends = [...offsets].sort((a, b) => a - b).concat(bytes.length);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
};

const around = (bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from("You sent <"), bytes, Buffer.from(">, thanks.")]);
const masked = (bytes: Uint8Array): string => `You sent <${"*".repeat(bytes.length)}>, thanks.`;

describe.each(canaryForms(SECRET))("the form $form", ({ form, bytes }) => {
  const secrets = list(SECRET);
  const text = around(bytes);
  const expected = masked(bytes);

  it("is masked at equal length, wherever the text is cut in two", () => {
    for (let at = 0; at <= text.length; at++)
      expect(scrubbed(secrets, cut(text, at)), `${form} cut at ${at}`).toMatchObject({ text: expected, hits: 1 });
  });

  it("is masked when every byte is a chunk of its own, and twice when it stands twice", () => {
    expect(
      scrubbed(
        secrets,
        [...text].map((byte) => Buffer.from([byte])),
      ).text,
    ).toBe(expected);
    expect(scrubbed(secrets, [Buffer.concat([text, text])])).toMatchObject({ text: expected + expected, hits: 2 });
  });

  it("is masked in a header value", () => {
    expect(scrubText(secrets, text.toString("latin1"))).toEqual({ text: expected, hits: 1 });
  });
});

const SECRETS = [
  ["an ordinary token", "sk_test_51HqLyjWDarjtT1z"],
  ["all that JSON, HTML and URLs escape", `a"b\\c/d&e<f>g'h%i+j=k?l#m n~o!p(q)r*s`],
  ["text outside ASCII", "pässwörd-€-🔑-långt"],
  ["backslashes alone", "\\".repeat(16)],
  ["percent signs that look like escapes", "%25%2525%41%2F%252F"],
  ["one character over and over", "aaaaaaaaaaaa"],
  ["bytes that are no text", Buffer.from([0xff, 0xfe, 0, 1, 2, 0x80, 0x81, 0xc0, 0xaf, 9, 10, 13, 200])],
] as const;

describe.each(SECRETS)("a secret of %s", (_, secret) => {
  const secrets = list(secret);
  const raw = Buffer.from(secret as string);
  const isText = typeof secret === "string";

  // biome-ignore format: a table
  const SPELLINGS: Readonly<Record<string, string | Buffer>> = {
    raw,
    hex: raw.toString("hex"),
    "percent, every byte": raw.toString("hex").replace(/../g, "%$&"),
    ...(isText ? {
      "encodeURIComponent": encodeURIComponent(secret),
      "a form field": new URLSearchParams({ v: secret }).toString().slice(2),
      JSON: JSON.stringify(secret).slice(1, -1),
      "JSON in ASCII": JSON.stringify(secret).slice(1, -1).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
      "HTML by number": [...secret].map((character) => `&#${character.codePointAt(0)};`).join(""),
      "HTML by hex number": [...secret].map((character) => `&#X${character.codePointAt(0)!.toString(16)};`).join(""),
      "HTML by number with zeros": [...secret].map((character) => `&#0000${character.codePointAt(0)};`).join(""),
      "HTML by hex number with zeros": [...secret].map((character) => `&#x000${character.codePointAt(0)!.toString(16)};`).join(""),
      "HTML by number without semicolons": [...secret].map((character) => `&#${character.codePointAt(0)}`).join(""),
      "script by code point": [...secret].map((character) => `\\u{00${character.codePointAt(0)!.toString(16)}}`).join(""),
      "HTML by name": secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;"),
    } : {}),
  };

  it.each(Object.entries(SPELLINGS))("is masked as %s", (_, spelling) => {
    const bytes = Buffer.from(spelling as string);
    const { text } = scrubbed(secrets, cut(around(bytes), 15));
    expect(text).toBe(masked(bytes));
  });

  it("is masked inside base64 of any text around it", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 8 }),
        fc.uint8Array({ maxLength: 8 }),
        fc.constantFrom("base64", "base64url"),
        (before, after, encoding) => {
          const text = Buffer.concat([before, raw, after]).toString(encoding as "base64");
          const { text: clean } = scrubbed(secrets, [Buffer.from(text)]);
          // All that the secret alone decides; the characters at either end also hold bits of the neighbours.
          const core = text.slice(Math.ceil((before.length * 8) / 6), Math.floor(((before.length + raw.length) * 8) / 6));
          expect(clean).toHaveLength(text.length);
          expect(clean).not.toContain(core);
        },
      ),
    );
  });
});

describe("a text", () => {
  it("is masked for any mixture of spellings and any cuts", () => {
    const secrets = list(SECRET);
    const spellings = (character: string) =>
      fc.constantFrom(
        character,
        `%${character.charCodeAt(0).toString(16)}`,
        `\\u00${character.charCodeAt(0).toString(16)}`,
        `&#${character.charCodeAt(0)};`,
      );
    fc.assert(
      fc.property(fc.tuple(...Array.from(SECRET, spellings)), fc.array(fc.nat(700)), (characters, cuts) => {
        const bytes = Buffer.from(characters.join(""));
        const text = around(bytes);
        expect(scrubbed(secrets, cut(text, ...cuts.map((at) => at % text.length)))).toMatchObject({ text: masked(bytes), hits: 1 });
      }),
    );
  });

  it("without the secret passes byte for byte, whatever it is and however it is cut", () => {
    const secrets = list(SECRET, "sk_test_51HqLyjWDarjtT1z");
    const nearly = fc.nat(SECRET.length - 1).map((length) => Buffer.from(SECRET.slice(0, length)));
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      nearly,
      fc.constantFrom("%", "\\", "&#", "c", "YW").map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(fc.array(piece), (chunks) => {
        const text = Buffer.concat(chunks);
        fc.pre(findCanary(text, [SECRET]).length === 0);
        expect(
          scrubbed(
            secrets,
            chunks.map((chunk) => Buffer.from(chunk)),
          ),
        ).toMatchObject({ text: text.toString("latin1"), hits: 0 });
      }),
    );
  });

  it("keeps its length, hit or not", () => {
    const forms = canaryForms(SECRET).map(({ bytes }) => bytes);
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...forms), fc.uint8Array({ maxLength: 20 }))), (chunks) => {
        const bytes = Buffer.concat(chunks);
        const { text } = scrubbed(
          list(SECRET),
          chunks.map((chunk) => Buffer.from(chunk)),
        );
        expect(text).toHaveLength(bytes.length);
        expect(findCanary(Buffer.from(text, "latin1"), [SECRET])).toEqual([]);
      }),
    );
  });

  it("goes on at once as far as it cannot become a hit", () => {
    const events = ["data: one\n\n", "data: two, can\n\n", "data: c"].map((text) => Buffer.from(text));
    expect(scrubbed(list(SECRET), events).parts).toEqual(["data: one\n\n", "data: two, can\n\n", "data: ", "c"]);
  });

  it("that ends in the middle of the secret is given out at the end", () => {
    const half = SECRET.slice(0, 30);
    const { parts, hits } = scrubbed(list(SECRET), [Buffer.from(`<${half}`)]);
    expect([parts, hits]).toEqual([["<", half], 0]);
  });

  it("is not changed where the caller still holds it", () => {
    const chunk = Buffer.from(`<${SECRET}>`);
    scrubbed(list(SECRET), [chunk]);
    expect(chunk.toString()).toBe(`<${SECRET}>`);
  });
});

describe("several secrets", () => {
  it("are all masked, the longest where one begins another, and wherever the text is cut", () => {
    const secrets = list("abcdefghijkl", "abcdefghijklmnop", "xyzxyzxyzxyz1");
    const text = Buffer.from(`abcdefghijklmnop abcdefghijklmno ${"xyz".repeat(8)}1`);
    const expected = `${"*".repeat(16)} ${"*".repeat(12)}mno ${"xyz".repeat(4)}${"*".repeat(13)}`;
    for (let at = 0; at <= text.length; at++) expect(scrubbed(secrets, cut(text, at))).toMatchObject({ text: expected, hits: 3 });
  });
});
