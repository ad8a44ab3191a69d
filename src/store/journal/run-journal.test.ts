import { describe, expect, test } from 'bun:test';
import type { Finding } from '../../core/activity.ts';
import type { HookRunOrder } from '../../core/hooks/hook-order.ts';
import type { HookRun } from '../../core/hooks/hook-run.ts';
import type { JournalEntry } from '../../core/journal/entries.ts';
import { JournalFold } from '../../core/journal/fold.ts';
import { type Epoch, epoch, eventId, ifIndex, seq, timestamp } from '../../core/model/ids.ts';
import { RuleAction, type RuleObject } from '../../core/model/kernel-objects.ts';
import type { LaunchNote } from '../../ports/process-spawner.ts';
import { sampleEvent, sampleLinkObject, sampleLinkStatus, sampleState } from '../../testing/sample-state.ts';
import type { FlushOutcome } from './journal.ts';
import { type JournalWriter, RunJournal } from './run-journal.ts';

class FakeBook implements JournalWriter {
  readonly entries: JournalEntry[] = [];
  readonly epochs: Epoch[] = [];
  flushes = 0;
  outcome: FlushOutcome = { ok: true };
  add(entry: JournalEntry): void {
    this.entries.push(entry);
  }
  noteOf(entry: JournalEntry): LaunchNote {
    return { descriptor: 7, bytes: new TextEncoder().encode(entry.kind) };
  }
  beginEpoch(epoch: Epoch): void {
    this.epochs.push(epoch);
  }
  flush(): FlushOutcome {
    this.flushes++;
    return this.outcome;
  }
}

const told: string[] = [];
function scene(): { readonly writer: FakeBook; readonly journal: RunJournal } {
  told.length = 0;
  const writer = new FakeBook();
  const listener = { onTrouble: (code: string) => told.push(code), onMended: () => told.push('mended') };
  return { writer, journal: new RunJournal(writer, listener) };
}
const finding = (over: Partial<Finding> = {}): Finding => ({
  kind: 'finding',
  before: sampleState(),
  after: sampleState(),
  changes: [],
  events: [],
  superseded: [],
  resync: false,
  initial: false,
  ...over,
});
const order = (...numbers: readonly number[]): HookRunOrder => {
  const covers = numbers.map((number) => sampleEvent({ seq: seq(number) }));
  return { lane: '2.0', event: covers[0] ?? sampleEvent(), covers, payload: { state: sampleState() } };
};
const entry = { eventId: sampleEvent().id, path: '/d/10-x' };
const rule: RuleObject = {
  family: 4,
  priority: 1,
  table: 254 as RuleObject['table'],
  action: RuleAction.toTable,
  protocol: 0,
  tos: 0,
  flags: 0,
  tunnelId: 1n,
};

describe('RunJournal: entries', () => {
  test('a finding without lasting content causes no entry', () => {
    const { writer, journal } = scene();
    journal.found(finding());
    journal.found(finding({ changes: [{ kind: 'ruleAppeared', rule, count: 1 }] }));
    expect(writer.entries).toEqual([]);
  });

  test('the first finding causes an entry even if it is empty', () => {
    const { writer, journal } = scene();
    journal.found(finding({ initial: true }));
    expect(writer.entries).toEqual([
      { kind: 'found', initial: true, changes: [], events: [], superseded: [] },
    ]);
  });

  test('events without hooks are left out, except for their newest number', () => {
    const { writer, journal } = scene();
    const events = [7, 8, 9].map((number) => sampleEvent({ seq: seq(number), id: eventId(`x-${number}`) }));
    journal.found(finding({ events, withoutHooks: new Set([eventId('x-7'), eventId('x-9')]) }));
    expect(writer.entries).toMatchObject([{ kind: 'found', events: [{ seq: 8 }], lastSeq: 9 }]);
    const kept = new JournalFold();
    for (const one of writer.entries) kept.add(one);
    expect(kept.snapshot()).toMatchObject({ lastSeq: 9, pending: [{ event: { seq: 8 } }] });
  });

  test('changes contain neither statistics nor rules', () => {
    const { writer, journal } = scene();
    const status = sampleLinkStatus();
    const link = { index: ifIndex(2), generation: status.generation, name: 'eth0' };
    journal.found(
      finding({
        changes: [
          { kind: 'linkAppeared', link, object: sampleLinkObject(), status },
          { kind: 'ruleAppeared', rule, count: 1 },
        ],
      }),
    );
    const [found] = writer.entries;
    if (found?.kind !== 'found') throw new Error('nothing was found');
    expect(found.changes).toHaveLength(1);
    expect(found.changes[0]).not.toHaveProperty('object.statistics');
    expect(JSON.parse(JSON.stringify(found))).toEqual(found as never);
  });

  test('a superseded event is recorded with the events merged into it', () => {
    const { writer, journal } = scene();
    journal.found(finding({ superseded: [order(4, 5)] }));
    expect(writer.entries).toMatchObject([{ superseded: [order(4).event.id, order(5).event.id] }]);
  });

  test('an event that starts to run is recorded only if it is a merged one', () => {
    const { writer, journal } = scene();
    journal.taken(order(1));
    journal.taken(order(2, 3));
    expect(writer.entries).toMatchObject([
      { kind: 'taken', id: order(2).event.id, covers: [order(2).event.id, order(3).event.id] },
    ]);
  });
});

describe('RunJournal: order of writes', () => {
  test('each step of a script is written before the next one, the end of an event with the step', () => {
    const { writer, journal } = scene();
    const flushed: [string, boolean][] = [];
    const note = (what: string, run: () => void): void => {
      const before = writer.flushes;
      run();
      flushed.push([what, writer.flushes > before]);
    };
    note('starting', () => journal.starting(entry));
    note('started', () => journal.started(entry, { pid: 7, startTime: 9 }));
    note('finished', () => journal.finished(entry, {} as HookRun));
    note('withdrawn', () => journal.withdrawn(entry));
    note('done', () => journal.done(entry.eventId));
    expect(flushed).toEqual([
      ['starting', true],
      ['started', true],
      ['finished', true],
      ['withdrawn', true],
      ['done', false],
    ]);
    expect(writer.entries.map(({ kind }) => kind)).toEqual(flushed.map(([what]) => what) as never);
  });

  test('a starting process gets the line that it must append', () => {
    const { writer, journal } = scene();
    const note = journal.launchNote(entry);
    expect([note?.descriptor, new TextDecoder().decode(note?.bytes)]).toEqual([7, 'launched']);
    expect(writer.entries).toEqual([]);
  });

  test('a failure and its end are reported once each', () => {
    const { writer, journal } = scene();
    journal.flush();
    writer.outcome = { ok: false, code: 'ENOSPC' };
    journal.flush();
    journal.flush();
    writer.outcome = { ok: true };
    journal.flush();
    journal.flush();
    expect(told).toEqual(['ENOSPC', 'mended']);
  });
});

test('a new epoch begins with the records after it', () => {
  const { writer, journal } = scene();
  journal.record({ kind: 'lifecycle', phase: 'ready', seq: seq(9), at: timestamp(0) });
  journal.record({ kind: 'epochBegan', epoch: epoch('other') });
  journal.flush();
  expect(writer.epochs).toEqual([epoch('other')]);
  expect(writer.entries).toEqual([]);
});
