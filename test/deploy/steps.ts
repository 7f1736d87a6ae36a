/** The steps of a run: each is told with its time, counted, and ends its scenario when it fails. */

export interface Tally {
  passed: number;
  failed: number;
}

export interface Steps {
  /** @param title a sentence that holds when `action` did not throw */
  step<Result>(title: string, action: () => Result | Promise<Result>): Promise<Result>;
  /** Passes on a line that something else wrote. */
  tell(line: string): void;
}

export function stepsOf(scenario: string, tally: Tally): Steps {
  const tell = (line: string): void => console.log(`${scenario.padEnd(9)} ${line}`);
  return {
    tell: (line) => console.log(line),
    async step(title, action) {
      const started = performance.now();
      const told = () => `${title} (${((performance.now() - started) / 1000).toFixed(1)} s)`;
      try {
        const result = await action();
        tally.passed += 1;
        tell(`ok  ${told()}`);
        return result;
      } catch (error) {
        tally.failed += 1;
        tell(`FAILED ${told()}`);
        throw error;
      }
    },
  };
}
