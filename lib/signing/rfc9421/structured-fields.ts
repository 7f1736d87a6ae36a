/**
 * Header fields in their strict serialisation (RFC 9651), for components with `sf` and `key`: fields of any origin, so every
 * form that the RFC takes is taken. What the library would write in another form than the RFC's is refused, not signed.
 */
import {
  isInnerList,
  parseDictionary,
  parseItem,
  parseList,
  serializeDictionary,
  serializeInnerList,
  serializeItem,
  serializeList,
} from "structured-headers";

export type FieldType = "dictionary" | "list" | "item";

const RESERIALISERS: { readonly [Type in FieldType]: (text: string) => string } = {
  dictionary: (text) => serializeDictionary(parseDictionary(text)),
  list: (text) => serializeList(parseList(text)),
  item: (text) => serializeItem(parseItem(text)),
};

/** The strict serialisation of a field (RFC 9421 section 2.1.1); undefined when it is not of its type. */
export function reserialise(text: string, type: FieldType): string | undefined {
  const serialised = attempt(() => RESERIALISERS[type](text));
  return serialised === undefined || losesItsForm(text) ? undefined : serialised;
}

/** The strict serialisation of one member of a dictionary, without its key (RFC 9421 section 2.1.2). */
export function reserialiseMember(text: string, key: string): string | undefined {
  const member = attempt(() => parseDictionary(text))?.get(key);
  if (member === undefined || losesItsForm(text)) return undefined;
  return isInnerList(member) ? serializeInnerList(member) : serializeItem(member);
}

const STRINGS = /"(?:[^"\\]|\\.)*"/g;
/** A decimal without a fraction, which the library writes as an integer (RFC 9651 section 4.1.5: `1.0`). */
const WHOLE_DECIMAL = /(?<![\w.*:/!#$%&'+^`|~-])-?\d+\.0+(?!\d)/;
/** A date beyond JavaScript's, which the library writes as NaN (RFC 9651 section 3.3.7). */
const LONG_DATE = /@-?\d{13}/;

/** @param text well-formed */
function losesItsForm(text: string): boolean {
  const bare = text.replace(STRINGS, "");
  return WHOLE_DECIMAL.test(bare) || LONG_DATE.test(bare);
}

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
