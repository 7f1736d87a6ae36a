/** The story as it is told: chapters, facts, scenes with what was promised and what came, and the verdict. */
import { once } from "node:events";
import { styleText } from "node:util";
import type { Outcome, Scene } from "./scenes.js";

const isColoured = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
const style = (format: Parameters<typeof styleText>[0], text: string): string => (isColoured ? styleText(format, text) : text);

/** A charge as an unmodified SDK sends it: `sdk` of examples/payments, whose token stands there for all to read. */
const sdkCall = (url: string): string =>
  `curl --header 'Authorization: Bearer example-sdk-token' --header 'Idempotency-Key: 1' --header 'Content-Type: application/json' --data '{"amount":100,"currency":"eur"}' ${url}/acquirer/v1/charges`;

export class Script {
  /** All that was told. */
  text = "";
  #failures = 0;
  #scenes = 0;

  constructor(readonly print: (line: string) => void) {}

  chapter(number: string, title: string): void {
    this.#tell("", style("bold", `${number}. ${title}`));
  }

  facts(facts: readonly (readonly [name: string, value: string])[]): void {
    for (const [name, value] of facts) this.#tell(`   ${style("dim", name.padEnd(14))} ${value}`);
  }

  scene({ title, promise }: Scene, { came, upstreamSaw, auditLine }: Outcome): void {
    this.#scenes++;
    const kept = came === promise;
    if (!kept) this.#failures++;
    this.#tell("", `   ${kept ? style("green", "✓") : style("red", "✗")} ${style("bold", title)}`);
    this.#tell(`     came      ${came}`);
    if (!kept) this.#tell(style("red", `     promised  ${promise}`));
    this.#tell(`     upstream  ${upstreamSaw}`, `     audit     ${style("dim", auditLine)}`);
  }

  verdict(what: string, found: readonly string[]): void {
    if (found.length > 0) this.#failures++;
    this.#tell(
      `   ${found.length === 0 ? style("green", "✓") : style("red", "✗")} ${what}: ${found.length === 0 ? "nothing found" : `found in ${[...new Set(found)].join(", ")}`}`,
    );
  }

  /** Waits for Ctrl-C. */
  async stay(url: string): Promise<void> {
    this.#tell("", `   The gateway stays at ${url}; press Ctrl-C to end. In another terminal:`, "", `   ${sdkCall(url)}`);
    await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  }

  finish(): boolean {
    const passed = this.#failures === 0 && this.#scenes > 0;
    this.#tell(
      "",
      passed ? style("green", "All came out as promised.") : style("red", `${this.#failures} came out otherwise than promised.`),
      "",
    );
    return passed;
  }

  #tell(...lines: string[]): void {
    for (const line of lines) {
      this.text += `${line}\n`;
      this.print(line);
    }
  }
}
