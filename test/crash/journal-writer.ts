/**
 * Writes a journal as fast as it can, until it is killed: after each flush the number of the newest event
 * goes to standard output.
 *
 *   journal-writer.ts DIRECTORY LEAST_GROWTH
 */
import { writeSync } from 'node:fs';
import { JournalFold } from '../../src/core/journal/fold.ts';
import { instant, seq } from '../../src/core/model/ids.ts';
import { Journal } from '../../src/store/journal/journal.ts';
import { readJournal } from '../../src/store/journal/journal-file.ts';
import { sampleEpoch } from '../../src/testing/collecting-engine.ts';
import { sampleEvent } from '../../src/testing/sample-state.ts';

const [directory = '', leastGrowth] = process.argv.slice(2);
const context = 'here';
const found = readJournal(directory, context);
if (found.kind === 'broken') throw new Error(found.reason);
const snapshot = found.kind === 'found' ? found.snapshot : new JournalFold().snapshot();
const identity = { epoch: sampleEpoch, context };
const journal = new Journal(
  { directory, identity, now: () => instant(0), leastGrowth: Number(leastGrowth) },
  snapshot,
);
// A kill can come between the two entries of one write, on the border of a page: the second one is made up for.
for (const { event } of snapshot.pending)
  if (event.seq <= snapshot.lastSeq - 20) journal.add({ kind: 'done', id: event.id });
for (let number = snapshot.lastSeq + 1; ; number++) {
  const event = sampleEvent({ seq: seq(number) });
  journal.add({ kind: 'found', changes: [], events: [event], superseded: [] });
  if (number > 20) journal.add({ kind: 'done', id: sampleEvent({ seq: seq(number - 20) }).id });
  const outcome = journal.flush();
  if (!outcome.ok) throw new Error(outcome.code);
  writeSync(1, `${number}\n`);
}
