/**
 * One slow durable write for many callers: what is submitted in one turn of the event loop, or while a write is in
 * flight, goes out together in the next. Writes never overlap, so they keep the order of submission.
 */

export interface GroupCommit<Item, Result> {
  /** Resolves or rejects as the write that took the item did. */
  submit(item: Item): Promise<Result>;
  /** Resolves when nothing is queued or in flight. */
  idle(): Promise<void>;
}

/** @param write takes the items in order and gives one result for each, in the same order */
export const groupCommit = <Item, Result>(write: (items: readonly Item[]) => Promise<readonly Result[]>): GroupCommit<Item, Result> => {
  interface Waiting {
    readonly item: Item;
    readonly resolve: (result: Result) => void;
    readonly reject: (error: unknown) => void;
  }
  let queue: Waiting[] = [];
  let running: Promise<void> | undefined;

  const drain = async (): Promise<void> => {
    await new Promise(setImmediate); // The rest of this turn's requests join the first write.
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      try {
        const results = await write(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, i) => {
          resolve(results[i]!);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    running = undefined;
  };

  return {
    submit: (item) =>
      new Promise((resolve, reject) => {
        queue.push({ item, resolve, reject });
        running ??= drain();
      }),
    idle: async () => running,
  };
};
