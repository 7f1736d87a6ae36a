/**
 * Policy text to a plain value with a position for every pointer. JSON is read as the YAML it is. What YAML allows but a
 * reviewer cannot trust is refused with its position: anchors, aliases, tags, directives, a second document, merge and
 * `__proto__` keys, duplicate keys, and numbers that would not survive being read (THREATS 23).
 */
import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  type Scalar,
  type YAMLError,
} from "yaml";
import { type Position, type Problem, pointerOf, redactProblem } from "./problem.js";

export interface PolicyText {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** The position of the key at a pointer where it has one, else of the value. Falls back to the nearest parent. */
  positionOf(pointer: string): Position;
}

const MAX_TEXT_BYTES = 32 * 1024 * 1024;
const MAX_DEPTH = 32;
/** Far above what is reported with its pointer, and far below what overflows the stack of the composer, which recurses. */
const MAX_PARSED_DEPTH = 256;
const PLAIN_NUMBER = /^-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?$/;
const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype", "<<"]);

/**
 * @param source YAML 1.2 or JSON
 * @param file the name that positions carry
 */
export function readPolicyText(source: string, file: string): PolicyText {
  const text = source.replace(/^\uFEFF/, ""); // a byte order mark has no column
  const problems: Problem[] = [];
  const offsets = new Map<string, number>();
  const lines = new LineCounter();

  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const positionOf = (pointer: string): Position => {
    for (let known = pointer; known !== ""; known = known.slice(0, known.lastIndexOf("/"))) {
      const offset = offsets.get(known);
      if (offset !== undefined) return at(offset);
    }
    return at(offsets.get("") ?? 0);
  };
  const report = (rule: string, offset: number, message: string, cure: string, pointer = ""): void => {
    problems.push(redactProblem({ severity: "error", rule, pointer, message, cure, position: at(offset) }));
  };
  /** An anchor or a tag stands before what it marks. */
  const refuseMarks = ({ anchor, tag }: Node, offset: number, pointer: string): void => {
    if (anchor !== undefined)
      report("anchor", text.lastIndexOf("&", offset), "an anchor is refused", "Remove the & mark and write values out.", pointer);
    if (tag !== undefined)
      report("tag", text.lastIndexOf("!", offset), "a tag is refused", "Remove the ! mark; plain values need none.", pointer);
  };
  const result = (value: unknown): PolicyText => ({ value, problems, positionOf });

  if (Buffer.byteLength(text) > MAX_TEXT_BYTES) {
    report("too-large", 0, `the text is larger than ${MAX_TEXT_BYTES} bytes`, "Split the door, or remove what is not needed.");
    return result(undefined);
  }

  const documents = parse(text, lines, report);
  if (documents === undefined) return result(undefined);
  const [document, second] = documents;
  if (document?.contents == null) {
    report("empty", 0, "the document is empty", "Start with `version: 1`, `name`, `environment`, `callers`, `routes` and `grants`.");
    return result(undefined);
  }
  const directive = text.slice(0, document.range[0]).search(/^%/m);
  if (directive >= 0) report("directive", directive, "a YAML directive is refused", "Remove the line that starts with %.");
  if (second !== undefined) report("second-document", second.range[0], "a second document follows", "Keep one document a file.");

  for (const error of withoutEchoes(document.errors, at)) report(...syntaxProblem(error, text));
  const broken = problems.some(({ rule }) => rule !== "braces-in-flow" && rule !== "second-document");

  const plain = (node: Node | null | undefined, pointer: string, depth: number): unknown => {
    if (node == null) return null;
    const offset = node.range?.[0] ?? 0;
    if (!offsets.has(pointer)) offsets.set(pointer, offset);
    if (depth > MAX_DEPTH) {
      report(...tooDeep(offset), pointer);
      return null;
    }
    if (isAlias(node)) {
      report("alias", offset, "an alias is refused", "Write the value out.", pointer);
      return null;
    }
    refuseMarks(node, offset, pointer);
    if (isSeq(node)) return node.items.map((item, index) => plain(item as Node, pointer + pointerOf(index), depth + 1));
    if (isMap(node)) return Object.fromEntries(node.items.flatMap((pair) => entry(pair as Pair<Node, Node>, pointer, depth)));
    return scalar(node as Scalar, offset, pointer);
  };

  /** None where the key is refused. */
  const entry = (pair: Pair<Node, Node | null>, parent: string, depth: number): [] | [[string, unknown]] => {
    const { key } = pair;
    const offset = key?.range?.[0] ?? 0;
    const name = isScalar(key) && typeof key.value === "string" ? key.value : undefined;
    if (name === undefined) {
      report("key-not-text", offset, "a key is not a text", "Put the key in quotes.", parent);
      return [];
    }
    const pointer = parent + pointerOf(name);
    if (FORBIDDEN_KEYS.has(name)) {
      report("forbidden-key", offset, `the key \`${name}\` is refused`, "Use another name.", pointer);
      return [];
    }
    refuseMarks(key, offset, pointer);
    if (offsets.has(pointer)) {
      report("duplicate-key", offset, "a key stands twice", "Keep one of the two entries.", pointer);
      return [];
    }
    offsets.set(pointer, offset);
    return [[name, plain(pair.value, pointer, depth + 1)]];
  };

  const scalar = (node: Scalar, offset: number, pointer: string): unknown => {
    if (typeof node.value !== "number") return node.value;
    const written = node.source ?? String(node.value);
    if (!isExact(written, node.value)) {
      const cure = "Write a plain decimal number, or put a text in quotes.";
      report("inexact-number", offset, `the number \`${written}\` cannot be read exactly`, cure, pointer);
    }
    return node.value;
  };

  const value = plain(document.contents as Node, "", 0);
  return result(broken ? undefined : value);
}

/** Whether the number read, written again, has the digits that were written. */
const isExact = (written: string, value: number): boolean =>
  PLAIN_NUMBER.test(written) &&
  significantDigits(String(value)) === significantDigits(written) &&
  (!Number.isInteger(value) || Number.isSafeInteger(value));

const significantDigits = (decimal: string): string => decimal.replace(/e.*|[-.]/gi, "").replace(/^0+|0+$/g, "");

type Report = (rule: string, offset: number, message: string, cure: string) => void;

function parse(text: string, lines: LineCounter, report: Report): Document.Parsed[] | undefined {
  const composer = new Composer({
    version: "1.2",
    schema: "core",
    strict: true,
    uniqueKeys: false, // judged with a pointer, and in linear time, by `entry`
    merge: false,
  });
  const parser = new Parser(lines.addNewLine);
  function* tokens() {
    lines.addNewLine(0);
    for (const lexeme of new Lexer().lex(text)) {
      yield* parser.next(lexeme);
      if (parser.stack.length > MAX_PARSED_DEPTH) throw new RangeError("too deep");
    }
    yield* parser.end();
  }
  try {
    return [...composer.compose(tokens())];
  } catch (cause) {
    if (cause instanceof RangeError) report(...tooDeep(parser.offset));
    else report("syntax", 0, "the text cannot be read", "Mend the YAML or JSON.");
    return undefined;
  }
}

const tooDeep = (offset: number): [rule: string, offset: number, message: string, cure: string] => [
  "too-deep",
  offset,
  `nested deeper than ${MAX_DEPTH} levels`,
  "Flatten the document.",
];

/** A parser that has lost its way reports the same line again; only the first of each line helps. */
function withoutEchoes(errors: readonly YAMLError[], at: (offset: number) => Position): YAMLError[] {
  const seen = new Set<number>();
  return errors.filter((error) => {
    const { line } = at(error.pos[0]);
    return !seen.has(line) && seen.add(line);
  });
}

function syntaxProblem(error: YAMLError, text: string): [rule: string, offset: number, message: string, cure: string] {
  const offset = error.pos[0];
  if (error.code === "MISSING_CHAR" && text[offset] === "{") {
    const pattern = /[A-Z]+ [^\s,[\]]*$/.exec(text.slice(Math.max(0, offset - 200), offset))?.[0] ?? "PUT /items/";
    const cure = `Braces in a [flow, list] start a map. Write the list as block lines (\`- ${pattern}{id}\`), or put the pattern in quotes.`;
    return ["braces-in-flow", offset, "a `{name}` stands unquoted inside a flow list", cure];
  }
  return ["syntax", offset, error.message, "Mend the YAML or JSON at this position."];
}
