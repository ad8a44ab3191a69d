import { describe, expect, test } from 'bun:test';
import { after, instant, millis, timestamp } from '../../core/model/ids.ts';
import type { ActiveLease } from '../../core/model/state.ts';
import { sampleLease } from '../../testing/sample-state.ts';
import { parseLeases } from '../../wire/lease/dhclient.ts';
import type { LeaseFile } from './lease-file.ts';
import { activeLeases, emptyLeaseTable, type LeaseTable, updateLeaseTable } from './lease-table.ts';

const at = { now: instant(5000), wall: timestamp(100_000) };

/** `eth0:7:101`: 192.0.2.7 for eth0, until second 101. */
function file(
  path: string,
  modified: number,
  specs: readonly string[],
  over: Partial<LeaseFile> = {},
): LeaseFile {
  const text = specs.map((spec) => {
    const [link, last, end] = spec.split(':');
    return `lease { interface "${link}"; fixed-address 192.0.2.${last}; expire epoch ${end}; }`;
  });
  const parsed = parseLeases(text.join('\n'));
  return { path, modified: timestamp(modified), leases: parsed.ok ? parsed.leases : [], ...over };
}
const table = (files: readonly LeaseFile[], over: Partial<LeaseTable> = {}): LeaseTable => ({
  ...emptyLeaseTable([]),
  files: new Map(files.map((one) => [one.path, one])),
  ...over,
});
const textsOf = (leases: readonly ActiveLease[]): string[] =>
  leases.map((lease) => `${lease.interfaceName} ${lease.addresses.join(',')}`).sort();

const problem = { code: 'EIO', reason: '/a: EIO', isContentUnknown: true };
const recoveredLease = sampleLease({ interfaceName: 'eth9', expires: timestamp(150_000) });

describe('the table of lease files', () => {
  const rows: [what: string, table: LeaseTable, leases: string[], isComplete: boolean, expiresAt?: number][] =
    [
      ['has no leases without files', table([]), [], true],
      ['has the lease of a file', table([file('/a', 1, ['eth0:1:101'])]), ['eth0 192.0.2.1'], true, 101_000],
      ['drops a lease that has expired', table([file('/a', 1, ['eth0:1:99'])]), [], true],
      [
        'joins several files and links',
        table([file('/a', 1, ['eth0:1:101']), file('/b', 2, ['eth1:2:102'])]),
        ['eth0 192.0.2.1', 'eth1 192.0.2.2'],
        true,
        101_000,
      ],
      [
        'prefers the file written last for a link',
        table([file('/a', 2, ['eth0:1:120']), file('/b', 1, ['eth0:2:130'])]),
        ['eth0 192.0.2.1'],
        true,
        120_000,
      ],
      [
        'prefers the last path of two files written at the same time',
        table([file('/b', 1, ['eth0:2:130']), file('/a', 1, ['eth0:1:120'])]),
        ['eth0 192.0.2.2'],
        true,
        130_000,
      ],
      [
        'keeps the leases of a file that cannot be read, and is incomplete',
        table([file('/a', 1, ['eth0:1:101'], { problem })]),
        ['eth0 192.0.2.1'],
        false,
        101_000,
      ],
      [
        'is complete although a file is not trusted',
        table([file('/a', 1, [], { problem: { ...problem, isContentUnknown: false } })]),
        [],
        true,
      ],
      ['is incomplete if a directory cannot be listed', table([], { unlisted: new Set(['/d']) }), [], false],
      [
        'has recovered leases as long as it is incomplete',
        table([file('/a', 1, ['eth0:1:120'], { problem })], { recovered: [recoveredLease] }),
        ['eth0 192.0.2.1', 'eth9 192.168.1.100'],
        false,
        120_000,
      ],
      [
        'drops a recovered lease when it expires',
        table([file('/a', 1, [], { problem })], {
          recovered: [{ ...recoveredLease, expires: timestamp(100_000) }],
        }),
        [],
        false,
      ],
      [
        'prefers a lease from a file to a recovered one of the same link',
        table([file('/a', 1, ['eth9:1:120']), file('/b', 1, [], { problem })], {
          recovered: [recoveredLease],
        }),
        ['eth9 192.0.2.1'],
        false,
        120_000,
      ],
      [
        'keeps a recovered lease without an end',
        table([file('/a', 1, [], { problem })], { recovered: [{ ...recoveredLease, expires: 'never' }] }),
        ['eth9 192.168.1.100'],
        false,
      ],
    ];
  for (const [what, rowTable, leases, isComplete, expiresAt] of rows) {
    test(what, () => {
      const active = activeLeases(rowTable, at);
      expect([textsOf(active.leases), active.isComplete, active.expiresAt as number | undefined]).toEqual([
        leases,
        isComplete,
        expiresAt,
      ]);
    });
  }

  test('drops recovered leases once every file was read', () => {
    const known = file('/a', 1, ['eth0:1:101']);
    expect(updateLeaseTable(table([known], { recovered: [recoveredLease] }), at.now).recovered).toEqual([]);
    const incomplete = table([{ ...known, problem }], { recovered: [recoveredLease] });
    expect(updateLeaseTable(incomplete, at.now).recovered).toEqual([recoveredLease]);
  });

  test('accepts pending content at the time it names', () => {
    const until = after(at.now, millis(700));
    const content = { modified: timestamp(2), leases: [], incomplete: false } as const;
    const pending = table([file('/a', 1, ['eth0:1:101'], { pending: { content, until } })]);
    expect(activeLeases(pending, at).confirmAt).toBe(until);
    expect(textsOf(activeLeases(updateLeaseTable(pending, at.now), at).leases)).toEqual(['eth0 192.0.2.1']);
    expect(textsOf(activeLeases(updateLeaseTable(pending, until), at).leases)).toEqual([]);
  });
});
