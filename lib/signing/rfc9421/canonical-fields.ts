/**
 * The structured fields that carry signatures and digests, read in one spelling: the one that RFC 9651 section 4.1 writes.
 * General parsers keep the last of two equal keys and take any base64; here whatever is there is what is signed (duplicate
 * parameters, malleable encodings). Each alternative begins with a character of its own, so no text is read twice.
 */
const KEY = "[a-z*][a-z0-9_.*-]*";
const STRING = String.raw`"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"`;
const WHOLE = String.raw`(?:0|-?[1-9]\d{0,14})`;
const INTEGER = String.raw`${WHOLE}(?![\d.])`;
/** Without loose bits in the last digit. */
const BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?";
const TOKEN = "[A-Za-z*][A-Za-z0-9:/!#$%&'*+.^_|~`-]*";
const DECIMAL = String.raw`-?(?:0|[1-9]\d{0,11})\.(?:0|\d{0,2}[1-9])(?!\d)`;
/** What no parameter that is known here has. */
const OTHER = String.raw`${TOKEN}|:${BASE64}:|${DECIMAL}|@${WHOLE}|\?0`;
const PARAMETER = `;${KEY}(?:=(?:${STRING}|${INTEGER}|${OTHER}))?`;
const ITEM = `${STRING}(?:${PARAMETER})*`;

const INNER_LIST_MEMBER = new RegExp(String.raw`(${KEY})=(\((?:${ITEM}(?: ${ITEM})*)?\))((?:${PARAMETER})*)`, "y");
const BYTES_MEMBER = new RegExp(`(${KEY})=:(${BASE64}):`, "y");
const SEPARATOR = /[ \t]*,[ \t]*/y;

const EACH_ITEM = new RegExp(ITEM, "g");
const NEXT_PARAMETER = new RegExp(`;(${KEY})(?:=(?:(${STRING})|(${INTEGER})|(?:${OTHER})))?`, "y");

/** Strings and integers; true for a parameter without a value; null for a value of any other type. */
export type ParameterValue = string | number | true | null;
export type Parameters = ReadonlyMap<string, ParameterValue>;

export interface InnerListMember {
  /** As it is written, without its parameters: `("@method" "@query-param";name="page")`. */
  readonly list: string;
  readonly parameters: Parameters;
  /** All of it as it is written. */
  readonly text: string;
}

/** @returns undefined for what is no dictionary of inner lists of strings, or has a key or a parameter twice */
export function readInnerLists(text: string): ReadonlyMap<string, InnerListMember> | undefined {
  return readMembers(text, INNER_LIST_MEMBER, ([, , list, rest]) => {
    const parameters = readParameters(rest!);
    return parameters && { list: list!, parameters, text: list! + rest! };
  });
}

/** @returns each member in base64; undefined for what is no dictionary of byte sequences without parameters, or has a key twice */
export function readByteSequences(text: string): ReadonlyMap<string, string> | undefined {
  return readMembers(text, BYTES_MEMBER, ([, , base64]) => base64!);
}

/** @param list of an `InnerListMember` @returns its items as they are written */
export const itemsOf = (list: string): readonly string[] => list.match(EACH_ITEM) ?? [];

/** @param item of `itemsOf` */
export function readItem(item: string): readonly [value: string, parameters: Parameters] | undefined {
  const end = item.indexOf('"', 1);
  // No component's name has an escape: a text with one is no name, whatever follows.
  const parameters = readParameters(item.slice(end + 1));
  return parameters && [item.slice(1, end), parameters];
}

function readMembers<T>(text: string, grammar: RegExp, read: (match: RegExpExecArray) => T | undefined): Map<string, T> | undefined {
  const members = new Map<string, T>();
  for (let position = 0; ; position = SEPARATOR.lastIndex) {
    grammar.lastIndex = position;
    const match = grammar.exec(text);
    const member = match ? read(match) : undefined;
    if (member === undefined || members.has(match![1]!)) return undefined;
    members.set(match![1]!, member);
    SEPARATOR.lastIndex = grammar.lastIndex;
    if (grammar.lastIndex === text.length) return members;
    if (!SEPARATOR.test(text)) return undefined;
  }
}

function readParameters(text: string): Parameters | undefined {
  const parameters = new Map<string, ParameterValue>();
  NEXT_PARAMETER.lastIndex = 0;
  for (let match = NEXT_PARAMETER.exec(text); match !== null; match = NEXT_PARAMETER.exec(text)) {
    const [written, key, string, integer] = match;
    if (parameters.has(key!)) return undefined;
    parameters.set(key!, parameterValue(string, integer, written.length === key!.length + 1));
  }
  return parameters;
}

function parameterValue(string: string | undefined, integer: string | undefined, isFlag: boolean): ParameterValue {
  if (string !== undefined) return string.includes("\\") ? string.slice(1, -1).replace(/\\(.)/g, "$1") : string.slice(1, -1);
  if (integer !== undefined) return Number(integer);
  return isFlag || null;
}
