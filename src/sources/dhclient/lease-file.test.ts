import { describe, expect, test } from 'bun:test';
import { after, type Instant, instant, millis, timestamp } from '../../core/model/ids.ts';
import { parseLeases } from '../../wire/lease/dhclient.ts';
import type { Lease } from '../../wire/lease/lease.ts';
import { doubtTime, type FileNews, type LeaseFile, noteNews, resolvePending } from './lease-file.ts';

/** `eth0:7` is a lease of 192.0.2.7 for eth0. */
function leasesOf(...words: readonly string[]): readonly Lease[] {
  const text = words.map((word) => {
    const [link, last] = word.split(':');
    return `lease { interface "${link}"; fixed-address 192.0.2.${last}; expire never; }`;
  });
  const parsed = parseLeases(text.join('\n'));
  return parsed.ok ? parsed.leases : [];
}

const wordsOf = (file: LeaseFile | undefined): readonly string[] | undefined =>
  file?.leases.map((lease) => `${lease.interface}:${lease.addresses[0]?.address.split('.')[3]}`);

let signatures = 0;
const read = (...words: readonly string[]): FileNews => ({
  kind: 'read',
  signature: String(++signatures),
  modified: timestamp(1000),
  leases: leasesOf(...words),
  incomplete: false,
});
const torn = (...words: readonly string[]): FileNews => ({ ...read(...words), incomplete: true }) as FileNews;
const absent: FileNews = { kind: 'absent' };
const unreadable: FileNews = { kind: 'trouble', trouble: { reason: 'EIO', unknown: true } };
const refused: FileNews = { kind: 'trouble', trouble: { reason: 'not ours', unknown: false } };

const start = instant(5000);
/** Each news a tenth of a second after the last one. */
function file(...news: readonly FileNews[]): [LeaseFile | undefined, Instant] {
  let known: LeaseFile | undefined;
  let now = start;
  for (const one of news) {
    now = after(now, millis(100));
    known = noteNews('/d/f', known, one, now);
  }
  return [known, now];
}

describe('a lease file', () => {
  const rows: [what: string, news: FileNews[], atOnce: string[] | undefined, later: string[] | undefined][] =
    [
      ['says what it says', [read('eth0:1')], ['eth0:1'], ['eth0:1']],
      ['grows', [read('eth0:1'), read('eth0:1', 'eth0:2')], ['eth0:1', 'eth0:2'], ['eth0:1', 'eth0:2']],
      ['is written anew, with a new lease', [read('eth0:1'), read('eth0:2')], ['eth0:2'], ['eth0:2']],
      [
        'is written anew, without leases that are over',
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
      ['is emptied, to be written anew', [read('eth0:1'), read()], ['eth0:1'], []],
      ['was emptied, and is written anew', [read('eth0:1'), read(), read('eth0:2')], ['eth0:2'], ['eth0:2']],
      [
        'was cut within a lease for good',
        [read('eth0:1', 'eth1:2'), torn('eth0:3')],
        ['eth0:1', 'eth1:2'],
        ['eth0:3', 'eth1:2'],
      ],
      [
        'was cut behind an older lease for good',
        [read('eth0:1', 'eth0:2'), torn('eth0:1')],
        ['eth0:1', 'eth0:2'],
        ['eth0:1', 'eth0:2'],
      ],
      [
        'is cut between two leases',
        [read('eth0:1', 'eth0:2'), read('eth0:1')],
        ['eth0:1', 'eth0:2'],
        ['eth0:1'],
      ],
      ['is half written when it is first seen', [torn('eth0:1')], ['eth0:1'], ['eth0:1']],
      ['is removed', [read('eth0:1'), absent], ['eth0:1'], undefined],
      ['is removed and comes back', [read('eth0:1'), absent, read('eth0:2')], ['eth0:2'], ['eth0:2']],
      [
        'is removed and comes back as it was',
        [read('eth0:1'), absent, read('eth0:1')],
        ['eth0:1'],
        ['eth0:1'],
      ],
      ['is removed without ever having held a lease', [read(), absent], undefined, undefined],
      ['cannot be read', [unreadable], [], []],
      ['can no longer be read', [read('eth0:1'), unreadable], ['eth0:1'], ['eth0:1']],
      [
        'cannot be read right after it was emptied',
        [read('eth0:1'), read(), unreadable],
        ['eth0:1'],
        ['eth0:1'],
      ],
      ['cannot be read and is removed', [read('eth0:1'), unreadable, absent], ['eth0:1'], undefined],
      ['is no longer to be believed', [read('eth0:1'), refused], ['eth0:1'], ['eth0:1']],
      ['has not changed', [read('eth0:1'), { kind: 'same' }], ['eth0:1'], ['eth0:1']],
    ];
  test.each(rows)('that %s', (_what, news, atOnce, later) => {
    const [known, now] = file(...news);
    const right = known === undefined ? undefined : resolvePending(known, now);
    expect(wordsOf(right)).toEqual(atOnce);
    expect(wordsOf(known && resolvePending(known, after(now, doubtTime)))).toEqual(later);
  });

  test('is in trouble only as long as it cannot be read', () => {
    expect(file(read('eth0:1'), unreadable)[0]?.trouble).toEqual({ reason: 'EIO', unknown: true });
    expect(file(read('eth0:1'), unreadable, { kind: 'same' })[0]?.trouble).toBeUndefined();
    expect(file(unreadable, read('eth0:1'))[0]?.trouble).toBeUndefined();
  });

  test('is doubted from its last change on, not from the last look', () => {
    const [known, now] = file(read('eth0:1'), read());
    const again = noteNews('/d/f', known, read('eth0:9', 'eth0:1'), now);
    expect(again?.invalidation).toBeUndefined();
    const cut = torn('eth0:1');
    const [doubted, then] = file(read('eth0:1'), cut);
    const seenAgain = noteNews('/d/f', doubted, cut, after(then, millis(500)));
    expect(seenAgain?.invalidation?.until).toBe(after(then, doubtTime));
    expect(noteNews('/d/f', doubted, torn('eth0:1'), after(then, millis(500)))?.invalidation?.until).toBe(
      after(then, millis(500 + doubtTime)),
    );
  });

  test('that is gone stays doubted from when it went', () => {
    const [known, now] = file(read('eth0:1'), absent);
    expect(noteNews('/d/f', known, absent, after(now, millis(900)))).toBe(known as LeaseFile);
  });
});
