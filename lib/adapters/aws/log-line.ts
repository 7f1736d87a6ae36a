/** One line to standard output, which Lambda makes one event of the function's log. Resolves when it was handed over. */

export type WriteLine = (line: string) => Promise<void>;

export const writeLogLine: WriteLine = (line) =>
  new Promise((resolve, reject) => {
    process.stdout.write(`${line}\n`, (error) => (error ? reject(error) : resolve()));
  });
