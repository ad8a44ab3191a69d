import { describe, expect, test } from 'bun:test';
import type { Finding, HookRunOrder } from '../core/effect.ts';
import type { HookRun } from '../core/hooks/run.ts';
import { eventId, ifIndex, seq } from '../core/ids.ts';
import type { BookEntry } from '../core/kept/entries.ts';
import { Kept } from '../core/kept/fold.ts';
import { RuleAction, type RuleObject } from '../core/kernel-objects.ts';
import type { LaunchNote } from '../ports/process-spawner.ts';
import { sampleEvent, sampleLinkObject, samplePicture, sampleState } from '../testing/sample-state.ts';
import type { FlushOutcome } from './book.ts';
import { type Keeper, RunBook } from './run-book.ts';

class FakeBook implements Keeper {
  readonly entries: BookEntry[] = [];
  flushes = 0;
  outcome: FlushOutcome = { ok: true };
  add(entry: BookEntry): void {
    this.entries.push(entry);
  }
  noteOf(entry: BookEntry): LaunchNote {
    return { descriptor: 7, bytes: new TextEncoder().encode(entry.kind) };
  }
  flush(): FlushOutcome {
    this.flushes++;
    return this.outcome;
  }
}

const told: string[] = [];
function scene(): { readonly keeper: FakeBook; readonly book: RunBook } {
  told.length = 0;
  const keeper = new FakeBook();
  const listener = { onTrouble: (code: string) => told.push(code), onMended: () => told.push('mended') };
  return { keeper, book: new RunBook(keeper, listener) };
}
const finding = (over: Partial<Finding> = {}): Finding => ({
  kind: 'record',
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

describe('what is written down', () => {
  test('nothing of a finding that has nothing to keep', () => {
    const { keeper, book } = scene();
    book.found(finding());
    book.found(finding({ changes: [{ kind: 'ruleAppeared', rule, count: 1 }] }));
    expect(keeper.entries).toEqual([]);
  });

  test('that the network was read, even where there was nothing in it', () => {
    const { keeper, book } = scene();
    book.found(finding({ initial: true }));
    expect(keeper.entries).toEqual([
      { kind: 'found', initial: true, changes: [], events: [], superseded: [] },
    ]);
  });

  test('nothing of events that no hook is there for, but how far their numbers have come', () => {
    const { keeper, book } = scene();
    const events = [7, 8, 9].map((number) => sampleEvent({ seq: seq(number), id: eventId(`x-${number}`) }));
    book.found(finding({ events, unheard: new Set([eventId('x-7'), eventId('x-9')]) }));
    expect(keeper.entries).toMatchObject([{ kind: 'found', events: [{ seq: 8 }], lastSeq: 9 }]);
    const kept = new Kept();
    for (const one of keeper.entries) kept.add(one);
    expect(kept.whole()).toMatchObject({ lastSeq: 9, pending: [{ event: { seq: 8 } }] });
  });

  test('changes without counters, and without rules', () => {
    const { keeper, book } = scene();
    const picture = samplePicture();
    const link = { index: ifIndex(2), generation: picture.generation, name: 'eth0' };
    book.found(
      finding({
        changes: [
          { kind: 'linkAppeared', link, object: sampleLinkObject(), picture },
          { kind: 'ruleAppeared', rule, count: 1 },
        ],
      }),
    );
    const [found] = keeper.entries;
    if (found?.kind !== 'found') throw new Error('nothing was found');
    expect(found.changes).toHaveLength(1);
    expect(found.changes[0]).not.toHaveProperty('object.statistics');
    expect(JSON.parse(JSON.stringify(found))).toEqual(found as never);
  });

  test('every event that gave way, with those that it stood for', () => {
    const { keeper, book } = scene();
    book.found(finding({ superseded: [order(4, 5)] }));
    expect(keeper.entries).toMatchObject([{ superseded: [order(4).event.id, order(5).event.id] }]);
  });

  test('a turn, only where it stands for several events', () => {
    const { keeper, book } = scene();
    book.taken(order(1));
    book.taken(order(2, 3));
    expect(keeper.entries).toMatchObject([
      { kind: 'taken', id: order(2).event.id, covers: [order(2).event.id, order(3).event.id] },
    ]);
  });
});

describe('what is safe, and when', () => {
  test('each step of a script before the next; the end of a turn with the step', () => {
    const { keeper, book } = scene();
    const flushed: [string, boolean][] = [];
    const note = (what: string, run: () => void): void => {
      const before = keeper.flushes;
      run();
      flushed.push([what, keeper.flushes > before]);
    };
    note('starting', () => book.starting(entry));
    note('started', () => book.started(entry, { pid: 7, startTime: 9 }));
    note('finished', () => book.finished(entry, {} as HookRun));
    note('withdrawn', () => book.withdrawn(entry));
    note('done', () => book.done(entry.eventId));
    expect(flushed).toEqual([
      ['starting', true],
      ['started', true],
      ['finished', true],
      ['withdrawn', true],
      ['done', false],
    ]);
    expect(keeper.entries.map(({ kind }) => kind)).toEqual(flushed.map(([what]) => what) as never);
  });

  test('a process that starts is to put down that it does', () => {
    const { keeper, book } = scene();
    const note = book.launchNote(entry);
    expect([note?.descriptor, new TextDecoder().decode(note?.bytes)]).toEqual([7, 'launched']);
    expect(keeper.entries).toEqual([]);
  });

  test('that it is not, is said once, and once that it is again', () => {
    const { keeper, book } = scene();
    book.flush();
    keeper.outcome = { ok: false, code: 'ENOSPC' };
    book.flush();
    book.flush();
    keeper.outcome = { ok: true };
    book.flush();
    book.flush();
    expect(told).toEqual(['ENOSPC', 'mended']);
  });
});
