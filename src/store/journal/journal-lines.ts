/** Lines of a file, one at a time: what is behind a line that ends the reading is never read. */
import { readSync } from 'node:fs';

const chunkBytes = 256 * 1024;
const lineFeed = 0x0a;

/**
 * The whole lines of an open file, without their line feeds; what stands behind the last one is left out. Reads `limit` bytes at
 * most, also of a file that grows. A line is valid until the next one is asked for. Throws errors of the file system.
 */
export function* journalLines(file: number, limit: number): Generator<Uint8Array> {
  let buffer = new Uint8Array(chunkBytes);
  let filled = 0;
  for (let read = 0; read < limit; ) {
    if (filled === buffer.length) buffer = grown(buffer);
    const count = readSync(file, buffer, filled, Math.min(buffer.length - filled, limit - read), null);
    if (count === 0) return;
    read += count;
    let start = 0;
    for (let end = buffer.indexOf(lineFeed, filled); end >= 0 && end < filled + count; ) {
      yield buffer.subarray(start, end);
      start = end + 1;
      end = buffer.indexOf(lineFeed, start);
    }
    filled += count;
    buffer.copyWithin(0, start, filled);
    filled -= start;
  }
}

function grown(buffer: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * buffer.length);
  larger.set(buffer);
  return larger;
}
