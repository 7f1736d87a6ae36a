/**
 * Splits a byte stream at LF and nowhere else. JSON text may hold U+2028 and U+2029 unescaped, at which `node:readline`
 * would cut an audit line in two.
 */

const LF = 0x0a;

/** @param chunks such as `createReadStream(path)` gives. @returns UTF-8 lines; what follows the last LF comes too, if anything does */
export async function* readLines(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<string> {
  let pieces: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      yield Buffer.concat([...pieces, chunk.subarray(start, end)]).toString("utf8");
      pieces = [];
      start = end + 1;
    }
    if (start < chunk.length) pieces.push(chunk.subarray(start));
  }
  if (pieces.length > 0) yield Buffer.concat(pieces).toString("utf8");
}
