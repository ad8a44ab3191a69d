import { describe, expect, test } from 'bun:test';
import { after, instant, millis, timestamp } from '../../core/model/ids.ts';
import type { ActiveLease } from '../../core/model/state.ts';
import { sampleLease } from '../../testing/sample-state.ts';
import { parseLeases } from '../../wire/lease/dhclient.ts';
import type { LeaseFile } from './lease-file.ts';
import { conclude, emptyLeaseTable, type LeaseTable, updateLeaseTable } from './lease-table.ts';

const at = { now: instant(5000), wall: timestamp(100_000) };

/** `eth0:7:101`: 192.0.2.7 for eth0, until second 101. */
function file(
  path: string,
  modified: number,
  words: readonly string[],
  over: Partial<LeaseFile> = {},
): LeaseFile {
  const text = words.map((word) => {
    const [link, last, end] = word.split(':');
    return `lease { interface "${link}"; fixed-address 192.0.2.${last}; expire epoch ${end}; }`;
  });
  const parsed = parseLeases(text.join('\n'));
  return { path, modified: timestamp(modified), leases: parsed.ok ? parsed.leases : [], ...over };
}
const journal = (files: readonly LeaseFile[], over: Partial<LeaseTable> = {}): LeaseTable => ({
  ...emptyLeaseTable([]),
  files: new Map(files.map((one) => [one.path, one])),
  ...over,
});
const words = (held: readonly ActiveLease[]): string[] =>
  held.map((lease) => `${lease.interfaceName} ${lease.addresses.join(',')}`).sort();

const trouble = { reason: 'EIO', unknown: true };
const kept = sampleLease({ interfaceName: 'eth9', expires: timestamp(150_000) });

describe('all lease files together', () => {
  const rows: [what: string, journal: LeaseTable, held: string[], certain: boolean, expiresAt?: number][] = [
    ['no file at all', journal([]), [], true],
    ['one lease', journal([file('/a', 1, ['eth0:1:101'])]), ['eth0 192.0.2.1'], true, 101_000],
    ['one that has ended', journal([file('/a', 1, ['eth0:1:99'])]), [], true],
    [
      'several files and links',
      journal([file('/a', 1, ['eth0:1:101']), file('/b', 2, ['eth1:2:102'])]),
      ['eth0 192.0.2.1', 'eth1 192.0.2.2'],
      true,
      101_000,
    ],
    [
      'two files about one link: the one that was written last',
      journal([file('/a', 2, ['eth0:1:120']), file('/b', 1, ['eth0:2:130'])]),
      ['eth0 192.0.2.1'],
      true,
      120_000,
    ],
    [
      'two files that were written at once',
      journal([file('/b', 1, ['eth0:2:130']), file('/a', 1, ['eth0:1:120'])]),
      ['eth0 192.0.2.2'],
      true,
      130_000,
    ],
    [
      'a file that cannot be read counts with what it last said',
      journal([file('/a', 1, ['eth0:1:101'], { trouble })]),
      ['eth0 192.0.2.1'],
      false,
      101_000,
    ],
    [
      'a file that is not to be believed leaves nothing open',
      journal([file('/a', 1, [], { trouble: { reason: 'not ours', unknown: false } })]),
      [],
      true,
    ],
    ['a directory that cannot be listed', journal([], { unlisted: new Set(['/d']) }), [], false],
    [
      'what was inherited, as long as something is not known',
      journal([file('/a', 1, ['eth0:1:120'], { trouble })], { recovered: [kept] }),
      ['eth0 192.0.2.1', 'eth9 192.168.1.100'],
      false,
      120_000,
    ],
    [
      'what was inherited, until its end',
      journal([file('/a', 1, [], { trouble })], {
        recovered: [{ ...kept, expires: timestamp(100_000) }],
      }),
      [],
      false,
    ],
    [
      'what was inherited, until the same link is known better',
      journal([file('/a', 1, ['eth9:1:120']), file('/b', 1, [], { trouble })], { recovered: [kept] }),
      ['eth9 192.0.2.1'],
      false,
      120_000,
    ],
    [
      'what was inherited, without an end',
      journal([file('/a', 1, [], { trouble })], { recovered: [{ ...kept, expires: 'never' }] }),
      ['eth9 192.168.1.100'],
      false,
    ],
  ];
  for (const [what, one, held, certain, expiresAt] of rows) {
    test(what, () => {
      const conclusion = conclude(one, at);
      expect([
        words(conclusion.held),
        conclusion.certain,
        conclusion.expiresAt as number | undefined,
      ]).toEqual([held, certain, expiresAt]);
    });
  }

  test('forget what was inherited once all could be read', () => {
    const known = file('/a', 1, ['eth0:1:101']);
    expect(updateLeaseTable(journal([known], { recovered: [kept] }), at.now).recovered).toEqual([]);
    const unsure = journal([{ ...known, trouble }], { recovered: [kept] });
    expect(updateLeaseTable(unsure, at.now).recovered).toEqual([kept]);
  });

  test('name the time at which a doubt is settled, and settle it then', () => {
    const until = after(at.now, millis(700));
    const reading = { modified: timestamp(2), leases: [], incomplete: false } as const;
    const doubted = journal([file('/a', 1, ['eth0:1:101'], { invalidation: { reading, until } })]);
    expect(conclude(doubted, at).settleAt).toBe(until);
    expect(words(conclude(updateLeaseTable(doubted, at.now), at).held)).toEqual(['eth0 192.0.2.1']);
    expect(words(conclude(updateLeaseTable(doubted, until), at).held)).toEqual([]);
  });
});
