import { describe, expect, test } from 'bun:test';
import { everyRecord } from '../../core/records/record-filter.ts';
import { RecordRing } from '../../core/records/record-ring.ts';
import type { StoredRecord } from '../../core/records/stored-record.ts';
import type { ReadableHistory } from '../../ports/history.ts';
import { RecordReader } from '../../store/history/record-reader.ts';
import { epoch1, epoch2, sampleRecord, sampleRecords } from '../../testing/sample-records.ts';
import { encodeRecord } from './sse.ts';
import { queueLimit, type SessionOptions, StreamSession } from './stream-session.ts';

const decoder = new TextDecoder();

/** Memory alone, of so many records. */
function historyOf(
  capacity: number,
  records: readonly StoredRecord[],
): { ring: RecordRing; history: ReadableHistory } {
  const ring = new RecordRing(capacity);
  for (const record of records) ring.append(record);
  const nothing = {
    since: () => undefined,
    latest: () => undefined,
    oldest: () => undefined,
    head: () => undefined,
    knows: () => undefined,
  };
  return { ring, history: new RecordReader(ring, nothing, false) };
}

interface Scene {
  readonly session: StreamSession;
  readonly ring: RecordRing;
  readonly gaps: string[];
  readonly closed: string[];
  readonly later: (() => void)[];
}

function scene(
  records: readonly StoredRecord[],
  over: Partial<SessionOptions> = {},
  capacity = 10_000,
): Scene {
  const { ring, history } = historyOf(capacity, records);
  const gaps: string[] = [];
  const closed: string[] = [];
  const later: (() => void)[] = [];
  const session = new StreamSession({
    history,
    filter: everyRecord,
    severity: undefined,
    from: null,
    isLive: over.from === undefined,
    greeting: [],
    snapshot: (at) => new TextEncoder().encode(`event: snapshot\nid: ${at?.epoch}.${at?.seq}\ndata: {}\n\n`),
    soon: (run) => later.push(run),
    onGap: (cause) => gaps.push(cause),
    onClosed: () => closed.push('closed'),
    ...over,
  });
  return { session, ring, gaps, closed, later };
}

const push = ({ session, ring }: Scene, record: StoredRecord): void => {
  ring.append(record);
  session.push(record, () => encodeRecord(record));
};

/** `record 7`, `gap expired`, `bye`, in the order in which they were sent. */
function read({ session }: Scene): string[] {
  const piece = session.take();
  if (piece === undefined || piece === null) return [];
  return decoder
    .decode(piece)
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
      const data = JSON.parse(field('data')) as { cause?: string; lost?: number };
      const id = field('id').replace(epoch1, '1').replace(epoch2, '2');
      return [field('event'), id, data.cause, data.lost]
        .filter((part) => part !== undefined && part !== null && part !== '')
        .join(' ');
    });
}

describe('a stream', () => {
  test('that starts now has what comes from now on', () => {
    const live = scene(sampleRecords(epoch1, 1, 5));
    expect(live.session.take()).toBeUndefined();
    push(live, sampleRecord(epoch1, 6));
    expect(read(live)).toEqual(['record 1.6']);
  });

  test('that resumes has everything after its record, and then what comes, each once', () => {
    const resumed = scene(sampleRecords(epoch1, 1, 1200), { from: { epoch: epoch1, seq: 10 } });
    const seen: string[] = [];
    let next = 1200;
    for (let turn = 0; turn < 5; turn++) {
      seen.push(...read(resumed));
      push(resumed, sampleRecord(epoch1, ++next));
    }
    seen.push(...read(resumed));
    expect(seen).toEqual(Array.from({ length: 1205 - 10 }, (_, i) => `record 1.${i + 11}`));
    expect(resumed.gaps).toEqual([]);
  });

  test('says what has expired, and shows the state', () => {
    const late = scene(sampleRecords(epoch1, 1, 100), { from: { epoch: epoch1, seq: 5 } }, 10);
    expect(read(late).slice(0, 3)).toEqual(['gap expired 85', 'snapshot 1.90', 'record 1.91']);
    expect(late.gaps).toEqual(['expired']);
  });

  test('of an epoch that is not known starts over with a gap', () => {
    const other = scene(sampleRecords(epoch2, 1, 3), { from: { epoch: epoch1, seq: 5 } });
    const [gap, snapshot, ...records] = read(other);
    expect(gap).toBe('gap other-epoch');
    expect(snapshot).toStartWith('snapshot');
    expect(records).toEqual(['record 2.1', 'record 2.2', 'record 2.3']);
  });

  test('goes on behind pages that the filter leaves empty', () => {
    const positions: unknown[] = [];
    const history: SessionOptions['history'] = {
      since: (after) => {
        positions.push(after?.seq ?? null);
        const seq = (after?.seq ?? 0) + 500;
        return { items: [], next: { epoch: epoch1, seq }, more: seq < 1500 };
      },
      oldest: () => null,
      head: () => null,
    };
    const filtered = scene([], { from: null, history });
    let turns = 0;
    for (; read(filtered).length === 0 && turns < 3; turns++) {
      let isReady = false;
      filtered.session.whenReady(() => (isReady = true));
      filtered.later.shift()?.();
      if (!isReady) break;
    }
    expect(positions).toEqual([null, 500, 1000]);
    push(filtered, sampleRecord(epoch1, 1501));
    expect(read(filtered)).toEqual(['record 1.1501']);
  });

  test('leaves out what is less severe than asked for', () => {
    const severe = scene([], { severity: 'warning' });
    for (const [i, severity] of ['info', 'warning', 'error'].entries())
      push(
        severe,
        sampleRecord(epoch1, i + 1, { json: JSON.stringify({ severity, message: '"severity":"error"' }) }),
      );
    expect(read(severe)).toEqual(['record 1.2', 'record 1.3']);
  });

  test('joins what waits into one piece', () => {
    const live = scene([]);
    for (let seq = 1; seq <= 50; seq++) push(live, sampleRecord(epoch1, seq));
    expect(read(live)).toHaveLength(50);
    expect(live.session.take()).toBeUndefined();
  });

  test('takes a burst that is too much for its queue from the history, whole', () => {
    const burst = scene([], {}, 100_000);
    const json = JSON.stringify({ text: 'x'.repeat(1000) });
    const enough = Math.ceil((2 * queueLimit) / 1000);
    push(burst, sampleRecord(epoch1, 1));
    expect(read(burst)).toEqual(['record 1.1']);
    for (let seq = 2; seq <= enough; seq++) push(burst, sampleRecord(epoch1, seq, { json }));
    const seen: string[] = [];
    for (let part = read(burst); part.length > 0; part = read(burst)) seen.push(...part);
    push(burst, sampleRecord(epoch1, enough + 1));
    seen.push(...read(burst));
    expect(seen).toEqual(Array.from({ length: enough }, (_, i) => `record 1.${i + 2}`));
    expect(burst.gaps).toEqual([]);
  });

  test('that nobody reads is cut at the second look, with a gap of what it lacks', () => {
    const bookmark = new TextEncoder().encode('event: bookmark\ndata: {}\n\n');
    const stuck = scene([]);
    for (let seq = 1; seq <= 9; seq++) push(stuck, sampleRecord(epoch1, seq));
    stuck.session.look(bookmark);
    stuck.session.look(bookmark);
    expect(read(stuck)).toEqual(['gap slow-reader', 'bye']);
    expect(stuck.session.take()).toBeNull();
    expect([stuck.gaps, stuck.closed]).toEqual([['slow-reader'], ['closed']]);
  });

  test('on which nothing happens is not cut for that', () => {
    const bookmark = new TextEncoder().encode('event: bookmark\ndata: {}\n\n');
    const quiet = scene([]);
    for (let look = 0; look < 3; look++) {
      quiet.session.look(bookmark);
      expect(read(quiet)).toEqual(['bookmark']);
      expect(quiet.session.take()).toBeUndefined();
    }
    expect(quiet.gaps).toEqual([]);
  });

  test('wakes a reader that waits, once', () => {
    const live = scene([]);
    let woken = 0;
    live.session.whenReady(() => woken++);
    push(live, sampleRecord(epoch1, 1));
    push(live, sampleRecord(epoch1, 2));
    expect(woken).toBe(1);
  });

  test('ends with bye after what waits', () => {
    const live = scene([]);
    push(live, sampleRecord(epoch1, 1));
    live.session.end('stopping');
    expect(read(live)).toEqual(['record 1.1', 'bye']);
    expect(live.session.take()).toBeNull();
    expect(live.closed).toEqual(['closed']);
  });

  test('whose reader is gone takes nothing more', () => {
    const live = scene([]);
    live.session.cancel();
    live.session.cancel();
    push(live, sampleRecord(epoch1, 1));
    expect(live.session.take()).toBeNull();
    expect(live.closed).toEqual(['closed']);
  });
});
