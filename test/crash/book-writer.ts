/**
 * Writes a book as fast as it can, and is killed in the middle of it: after each flush the number of the newest event
 * goes to standard output.
 *
 *   book-writer.ts DIRECTORY LEAST_GROWTH
 */
import { writeSync } from 'node:fs';
import { instant, seq } from '../../src/core/ids.ts';
import { Kept } from '../../src/core/kept/fold.ts';
import { Book } from '../../src/store/book.ts';
import { readBook } from '../../src/store/book-file.ts';
import { sampleEvent } from '../../src/testing/sample-state.ts';

const [directory = '', leastGrowth] = process.argv.slice(2);
const surroundings = 'here';
const found = readBook(directory, surroundings);
if (found.kind === 'broken') throw new Error(found.reason);
const whole = found.kind === 'found' ? found.whole : new Kept().whole();
const identity = { instance: 'writer', surroundings };
const book = new Book(
  { directory, identity, now: () => instant(0), leastGrowth: Number(leastGrowth) },
  whole,
);
for (let number = whole.lastSeq + 1; ; number++) {
  const event = sampleEvent({ seq: seq(number) });
  book.add({ kind: 'found', changes: [], events: [event], superseded: [] });
  if (number > 20) book.add({ kind: 'done', id: sampleEvent({ seq: seq(number - 20) }).id });
  const outcome = book.flush();
  if (!outcome.ok) throw new Error(outcome.code);
  writeSync(1, `${number}\n`);
}
