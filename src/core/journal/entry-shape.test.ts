import { describe, expect, test } from 'bun:test';
import { sampleEpoch } from '../../testing/collecting-engine.ts';
import {
  sampleAddress,
  sampleEvent,
  sampleLinkObject,
  sampleLinkStatus,
  sampleRoute,
} from '../../testing/sample-state.ts';
import { seq } from '../model/ids.ts';
import { type JournalEntry, journalVersion } from './entries.ts';
import { isJournalEntry } from './entry-shape.ts';
import { JournalFold } from './fold.ts';

const link = { index: sampleLinkObject().index, generation: sampleLinkStatus().generation, name: 'eth0' };
const found: JournalEntry = {
  kind: 'found',
  initial: true,
  changes: [
    { kind: 'linkAppeared', link, object: sampleLinkObject(), status: sampleLinkStatus() },
    { kind: 'addressAppeared', link, address: sampleAddress('192.0.2.1') },
    { kind: 'routeAppeared', route: sampleRoute() },
    { kind: 'mtuChanged', link, from: 1500, to: 1400 },
  ],
  events: [sampleEvent({ seq: seq(1), routesDelta: [{ action: 'new', route: sampleRoute() }] })],
  superseded: [],
};
const opened = (): JournalEntry => {
  const fold = new JournalFold();
  fold.add(found);
  fold.add({ kind: 'starting', id: sampleEvent({ seq: seq(1) }).id, path: '/a' });
  const snapshot = fold.snapshot();
  return {
    kind: 'opened',
    version: journalVersion,
    epoch: sampleEpoch,
    context: 'here',
    file: '1:2',
    snapshot,
  };
};
const parsed = (entry: JournalEntry): unknown => JSON.parse(JSON.stringify(entry));

/** Every copy of `value` in which one part, however deep, is another thing. */
function* mutants(value: unknown, other: unknown): Generator<unknown> {
  yield other;
  if (Array.isArray(value)) {
    for (const [i, part] of value.entries())
      for (const mutant of mutants(part, other)) yield value.with(i, mutant);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value))
      for (const mutant of mutants(part, other)) yield { ...value, [key]: mutant };
  }
}

describe('the shape of a journal entry', () => {
  test('is that of what netevd writes', () => {
    expect([found, opened()].map((entry) => isJournalEntry(parsed(entry)))).toEqual([true, true]);
  });

  test('is no bare value', () => {
    for (const value of [
      null,
      undefined,
      true,
      1,
      'opened',
      [],
      {},
      { kind: 'toString' },
      { kind: '__proto__' },
    ])
      expect(isJournalEntry(value)).toBe(false);
  });

  test('is asked of every part: whatever passes with one part exchanged can be folded', () => {
    let refused = 0;
    let folded = 0;
    for (const entry of [found, opened()])
      for (const other of [true, 'x', 7, null, [], {}, [null], -1])
        for (const mutant of mutants(parsed(entry), other)) {
          if (!isJournalEntry(mutant)) {
            refused++;
            continue;
          }
          folded++;
          const fold = new JournalFold();
          fold.add(mutant);
          fold.snapshot();
        }
    expect(refused).toBeGreaterThan(folded);
  });
});
