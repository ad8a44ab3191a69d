/**
 * Appends records as fast as they are stored, until it is killed: the number of the newest one that is in the database
 * goes to standard output. Goes on where the last run ended, as far as it said so; the numbers have no holes.
 *
 *   record-writer.ts DATABASE EPOCH NEXT
 */
import { writeSync } from 'node:fs';
import { SystemClock } from '../../src/platform/clock.ts';
import { openSqliteDatabase } from '../../src/platform/sqlite/sqlite-database.ts';
import { openHistory } from '../../src/store/history/open-history.ts';
import { sampleRecord } from '../../src/testing/sample-records.ts';

const [path = '', epoch = '', next = '1'] = process.argv.slice(2);
const history = openHistory({
  path,
  memory: 10_000,
  limits: { days: 36_500, bytes: 2 ** 30 },
  clock: new SystemClock(),
  open: openSqliteDatabase,
  isBusy: () => false,
  onReplaced: ({ text }) => {
    throw new Error(text);
  },
  onHealth: (health) => {
    throw new Error(JSON.stringify(health));
  },
});

let seq = Number(next);
let said = 0;
function turn(): void {
  const { stored, waiting } = history.stats();
  // Memory must not run over here: that is a gap of another kind.
  if (waiting < 1000) for (let i = 0; i < 25; i++) history.append(sampleRecord(epoch, seq++));
  if (stored > said) writeSync(1, `${Number(next) + stored - 1}\n`);
  said = stored;
  setImmediate(turn);
}
turn();
