import { expect, test } from 'bun:test';
import { timestamp } from '../../core/model/ids.ts';
import type { RecordView } from '../../core/view/record-view.ts';
import type { NetevdRecord, RepairRecord } from '../../core/view/types/records.ts';
import { StatusTracker } from './status-tracker.ts';

const at = timestamp(1_790_000_000_000);
const change = (over: Partial<RepairRecord>): NetevdRecord =>
  ({ kind: 'repair', object: 'rule', link: 'eth0', result: 'done', restores: true, ...over }) as NetevdRecord;

test('a repair is what another program removed and netevd brought back', () => {
  const tracker = new StatusTracker({ wall: () => at });
  const changes = [{}, { restores: false }, { result: 'failed' as const }, { link: 'eth1' }];
  for (const over of changes) tracker.record(undefined, { record: change(over), at } as RecordView);
  expect(tracker.repaired.total(at)).toBe(2);
  expect(tracker.repairsOf('eth0', at)).toEqual({ count: 1, latest: at });
});
