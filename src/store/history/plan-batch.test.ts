import { describe, expect, test } from 'bun:test';
import { epoch1, epoch2, sampleRecord, sampleRecords } from '../../testing/sample-records.ts';
import { planBatch } from './plan-batch.ts';

const records = (...pairs: readonly [epoch: string, seq: number][]) =>
  pairs.map(([epoch, seq]) => sampleRecord(epoch, seq));
const plan = (batch: ReturnType<typeof records>, last: Readonly<Record<string, number>> = {}) => {
  const { rows, gaps, epochs } = planBatch(batch, (epoch) => last[epoch]);
  return {
    rows: rows.map(({ epoch, seq }) => [epoch, seq]),
    gaps: gaps.map(({ epoch, first, last: end }) => [epoch, first, end]),
    epochs: Object.fromEntries(epochs),
  };
};

describe('planBatch', () => {
  test('a batch that continues the database has no gap', () => {
    expect(plan(sampleRecords(epoch1, 5, 7), { [epoch1]: 4 })).toEqual({
      rows: [
        [epoch1, 5],
        [epoch1, 6],
        [epoch1, 7],
      ],
      gaps: [],
      epochs: { [epoch1]: 7 },
    });
  });

  test('a batch leaves out stored records', () => {
    expect(plan(sampleRecords(epoch1, 3, 5), { [epoch1]: 4 }).rows).toEqual([[epoch1, 5]]);
    expect(plan(sampleRecords(epoch1, 3, 4), { [epoch1]: 4 })).toEqual({ rows: [], gaps: [], epochs: {} });
  });

  test('lost records before a batch are a gap', () => {
    expect(plan(records([epoch1, 9]), { [epoch1]: 4 }).gaps).toEqual([[epoch1, 5, 8]]);
  });

  test('missing numbers within a batch are a gap', () => {
    expect(plan(records([epoch1, 1], [epoch1, 4], [epoch1, 5], [epoch1, 7])).gaps).toEqual([
      [epoch1, 2, 3],
      [epoch1, 6, 6],
    ]);
  });

  test('an epoch that starts in its middle has a gap from its first record', () => {
    expect(plan(records([epoch2, 3]), { [epoch1]: 9 }).gaps).toEqual([[epoch2, 1, 2]]);
  });

  test('a batch continues each of its epochs', () => {
    const { gaps, epochs } = plan(records([epoch1, 10], [epoch2, 1], [epoch2, 2]), { [epoch1]: 9 });
    expect([gaps, epochs]).toEqual([[], { [epoch1]: 10, [epoch2]: 2 }]);
  });
});
