import { describe, expect, test } from 'bun:test';
import { after, type Instant, instant, millis, timestamp } from '../../core/model/ids.ts';
import { parseLeases } from '../../wire/lease/dhclient.ts';
import type { Lease } from '../../wire/lease/lease.ts';
import { applyUpdate, confirmTime, type FileUpdate, type LeaseFile, resolvePending } from './lease-file.ts';

/** `eth0:7` is a lease of 192.0.2.7 for eth0. */
function leasesOf(...specs: readonly string[]): readonly Lease[] {
  const text = specs.map((spec) => {
    const [link, last] = spec.split(':');
    return `lease { interface "${link}"; fixed-address 192.0.2.${last}; expire never; }`;
  });
  const parsed = parseLeases(text.join('\n'));
  return parsed.ok ? parsed.leases : [];
}

const specsOf = (file: LeaseFile | undefined): readonly string[] | undefined =>
  file?.leases.map((lease) => `${lease.interface}:${lease.addresses[0]?.address.split('.')[3]}`);

let signatures = 0;
const read = (...specs: readonly string[]): FileUpdate => ({
  kind: 'read',
  signature: String(++signatures),
  modified: timestamp(1000),
  leases: leasesOf(...specs),
  incomplete: false,
});
const torn = (...specs: readonly string[]): FileUpdate =>
  ({ ...read(...specs), incomplete: true }) as FileUpdate;
const absent: FileUpdate = { kind: 'absent' };
const unreadable: FileUpdate = {
  kind: 'unreadable',
  problem: { code: 'EIO', reason: '/d/f: EIO', isContentUnknown: true },
};
const refused: FileUpdate = {
  kind: 'unreadable',
  problem: { code: 'owner', reason: '/d/f belongs to user 5', isContentUnknown: false },
};

const start = instant(5000);
/** Applies the updates, a tenth of a second apart. */
function file(...updates: readonly FileUpdate[]): [LeaseFile | undefined, Instant] {
  let known: LeaseFile | undefined;
  let now = start;
  for (const update of updates) {
    now = after(now, millis(100));
    known = applyUpdate('/d/f', known, update, now);
  }
  return [known, now];
}

describe('a lease file', () => {
  const rows: [
    what: string,
    updates: FileUpdate[],
    atOnce: string[] | undefined,
    later: string[] | undefined,
  ][] = [
    ['has its leases at once after the first read', [read('eth0:1')], ['eth0:1'], ['eth0:1']],
    ['grows', [read('eth0:1'), read('eth0:1', 'eth0:2')], ['eth0:1', 'eth0:2'], ['eth0:1', 'eth0:2']],
    ['is rewritten with a new lease', [read('eth0:1'), read('eth0:2')], ['eth0:2'], ['eth0:2']],
    [
      'is rewritten without expired leases',
      [read('eth0:1', 'eth0:2', 'eth0:3'), read('eth0:3')],
      ['eth0:3'],
      ['eth0:3'],
    ],
    ['is being appended to', [read('eth0:1'), torn('eth0:1')], ['eth0:1'], ['eth0:1']],
    [
      'is appended to in two pieces',
      [read('eth0:1'), torn('eth0:1'), read('eth0:1', 'eth0:2')],
      ['eth0:1', 'eth0:2'],
      ['eth0:1', 'eth0:2'],
    ],
    ['is truncated, and keeps its leases for a while', [read('eth0:1'), read()], ['eth0:1'], []],
    ['is truncated and rewritten', [read('eth0:1'), read(), read('eth0:2')], ['eth0:2'], ['eth0:2']],
    [
      'stays cut off within a lease',
      [read('eth0:1', 'eth1:2'), torn('eth0:3')],
      ['eth0:1', 'eth1:2'],
      ['eth0:3', 'eth1:2'],
    ],
    [
      'stays cut off after an older lease',
      [read('eth0:1', 'eth0:2'), torn('eth0:1')],
      ['eth0:1', 'eth0:2'],
      ['eth0:1', 'eth0:2'],
    ],
    [
      'is cut off between two leases',
      [read('eth0:1', 'eth0:2'), read('eth0:1')],
      ['eth0:1', 'eth0:2'],
      ['eth0:1'],
    ],
    ['is incomplete at the first read', [torn('eth0:1')], ['eth0:1'], ['eth0:1']],
    ['is removed', [read('eth0:1'), absent], ['eth0:1'], undefined],
    ['is removed and comes back', [read('eth0:1'), absent, read('eth0:2')], ['eth0:2'], ['eth0:2']],
    ['is removed and comes back as it was', [read('eth0:1'), absent, read('eth0:1')], ['eth0:1'], ['eth0:1']],
    ['is removed without ever having had a lease', [read(), absent], undefined, undefined],
    ['cannot be read', [unreadable], [], []],
    ['can no longer be read', [read('eth0:1'), unreadable], ['eth0:1'], ['eth0:1']],
    [
      'cannot be read right after it was truncated',
      [read('eth0:1'), read(), unreadable],
      ['eth0:1'],
      ['eth0:1'],
    ],
    ['cannot be read and is removed', [read('eth0:1'), unreadable, absent], ['eth0:1'], undefined],
    ['is no longer trusted', [read('eth0:1'), refused], ['eth0:1'], ['eth0:1']],
    ['has not changed', [read('eth0:1'), { kind: 'same' }], ['eth0:1'], ['eth0:1']],
  ];
  test.each(rows)('%s', (_what, updates, atOnce, later) => {
    const [known, now] = file(...updates);
    const first = known === undefined ? undefined : resolvePending(known, now);
    expect(specsOf(first)).toEqual(atOnce);
    expect(specsOf(known && resolvePending(known, after(now, confirmTime)))).toEqual(later);
  });

  test('has a problem only as long as it cannot be read', () => {
    expect(file(read('eth0:1'), unreadable)[0]?.problem?.code).toBe('EIO');
    expect(file(read('eth0:1'), unreadable, { kind: 'same' })[0]?.problem).toBeUndefined();
    expect(file(unreadable, read('eth0:1'))[0]?.problem).toBeUndefined();
  });

  test('has pending content until one second after its last change, not after its last scan', () => {
    const [known, now] = file(read('eth0:1'), read());
    const again = applyUpdate('/d/f', known, read('eth0:9', 'eth0:1'), now);
    expect(again?.pending).toBeUndefined();
    const cut = torn('eth0:1');
    const [pending, then] = file(read('eth0:1'), cut);
    const seenAgain = applyUpdate('/d/f', pending, cut, after(then, millis(500)));
    expect(seenAgain?.pending?.until).toBe(after(then, confirmTime));
    expect(applyUpdate('/d/f', pending, torn('eth0:1'), after(then, millis(500)))?.pending?.until).toBe(
      after(then, millis(500 + confirmTime)),
    );
  });

  test('has a pending absence until one second after its removal', () => {
    const [known, now] = file(read('eth0:1'), absent);
    expect(applyUpdate('/d/f', known, absent, after(now, millis(900)))).toBe(known as LeaseFile);
  });
});
