import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { epoch1, epoch2, sampleRecord, sampleRecords } from '../../testing/sample-records.ts';
import { RecordRing } from './record-ring.ts';

const ringOf = (capacity: number, ...records: ReturnType<typeof sampleRecord>[]): RecordRing => {
  const ring = new RecordRing(capacity);
  for (const record of records) ring.append(record);
  return ring;
};

describe('RecordRing', () => {
  test('a new ring is empty', () => {
    const ring = ringOf(3);
    expect([ring.begin, ring.end, ring.oldest, ring.newest, ring.at(0)]).toEqual([
      0,
      0,
      undefined,
      undefined,
      undefined,
    ]);
    expect(ring.ordinalAfter({ epoch: epoch1, seq: 0 })).toBeUndefined();
  });

  test('a full ring drops the oldest records', () => {
    const ring = ringOf(3, ...sampleRecords(epoch1, 1, 5));
    expect([ring.oldest?.seq, ring.newest?.seq, ring.begin, ring.end]).toEqual([3, 5, 2, 5]);
    expect(ring.at(1)).toBeUndefined();
  });

  test('ordinalAfter knows the next record unless records in between are missing', () => {
    const ring = ringOf(3, ...sampleRecords(epoch1, 1, 5));
    const after = (seq: number): number | undefined => ring.ordinalAfter({ epoch: epoch1, seq });
    expect([1, 2, 3, 5, 6].map(after)).toEqual([undefined, 2, 3, 5, undefined]);
  });

  test('the last record of an epoch is followed by the first one of the next epoch', () => {
    const ring = ringOf(3, ...sampleRecords(epoch1, 8, 9), ...sampleRecords(epoch2, 1, 3));
    expect(ring.ordinalAfter({ epoch: epoch1, seq: 9 })).toBe(2);
    expect(ring.ordinalAfter({ epoch: epoch2, seq: 0 })).toBe(2);
    expect(ring.ordinalAfter({ epoch: epoch1, seq: 8 })).toBeUndefined();
    expect([ring.knows(epoch1), ring.knows('other')]).toEqual([true, false]);
  });

  test('ordinalOf finds only stored records', () => {
    const ring = ringOf(2, ...sampleRecords(epoch1, 4, 6));
    const of = (seq: number): number | undefined => ring.ordinalOf({ epoch: epoch1, seq });
    expect([3, 4, 5, 6, 7].map(of)).toEqual([undefined, undefined, 1, 2, undefined]);
  });

  test('the ring forgets epochs without stored records', () => {
    const ring = ringOf(2, sampleRecord(epoch1, 1), ...sampleRecords(epoch2, 1, 3));
    ring.append(sampleRecord('third', 1));
    expect(ring.knows(epoch1)).toBe(false);
  });

  test('a trimmed ring drops records and continues after them', () => {
    const ring = ringOf(5, ...sampleRecords(epoch1, 1, 7));
    ring.trim(4);
    expect([ring.begin, ring.oldest?.seq, ring.at(3)]).toEqual([4, 5, undefined]);
    expect([3, 4, 5].map((seq) => ring.ordinalAfter({ epoch: epoch1, seq }))).toEqual([undefined, 4, 5]);
    ring.trim(100);
    expect([ring.begin, ring.end, ring.oldest, ring.newest]).toEqual([7, 7, undefined, undefined]);
    expect(ring.ordinalAfter({ epoch: epoch1, seq: 7 })).toBe(7);
    ring.append(sampleRecord(epoch1, 8));
    expect([ring.oldest?.seq, ring.ordinalAfter({ epoch: epoch1, seq: 7 })]).toEqual([8, 7]);
  });

  test('the ring agrees with a list of all records about every position', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 5 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), lengths, (capacity, epochs) => {
        const all = epochs.flatMap((length, i) => sampleRecords(`e${i}`, 1, length));
        const ring = ringOf(capacity, ...all);
        for (const [ordinal, record] of all.entries()) {
          const isKept = ordinal >= all.length - capacity;
          expect(ring.at(ordinal)).toBe(isKept ? record : undefined);
          expect(ring.ordinalOf(record)).toBe(isKept ? ordinal : undefined);
          const after = ring.ordinalAfter(record);
          expect(after).toBe(ordinal + 1 >= ring.begin ? ordinal + 1 : undefined);
        }
      }),
    );
  });
});
