import { describe, expect, test } from 'bun:test';
import { encodeHex } from './hex.ts';
import { parseNextHop } from './next-hop-object.ts';

const parse = (hex: string): ReturnType<typeof parseNextHop> => {
  const bytes = encodeHex(hex);
  return parseNextHop(bytes, 0, bytes.length);
};

/**
 * Payloads of a dump on Linux 6.18 (x86-64), of objects that iproute2 6.1 added on a link with index 3: `id 10 via
 * 198.51.100.1 dev eth1 onlink`, `id 11 via fe80::1 dev eth1`, `id 12 blackhole`, `id 14 dev eth1`, `id 13 group
 * 10,2/14,1`.
 */
const via4 = '02fd000004000000080001000a000000080005000300000008000600c6336401';
const via6 = '0afd000000000000080001000b000000080005000300000014000600fe800000000000000000000000000001';
const blackhole = '0200000000000000080001000c00000004000400';
const direct = '02fe000000000000080001000e0000000800050003000000';
const groupOf =
  '0000000000000000080001000d0000000600030000000000140002000a000000010000000e0000000000000008000e0000000080';

describe('a nexthop object', () => {
  test.each([
    [
      'a gateway',
      via4,
      { kind: 'hop', id: 10, hop: { ifindex: 3, gateway: '198.51.100.1', weight: 1, flags: 4 } },
    ],
    [
      'an IPv6 gateway',
      via6,
      { kind: 'hop', id: 11, hop: { ifindex: 3, gateway: 'fe80::1', weight: 1, flags: 0 } },
    ],
    ['a blackhole', blackhole, { kind: 'blackhole', id: 12 }],
    [
      'a group with weights',
      groupOf,
      {
        kind: 'group',
        id: 13,
        members: [
          { id: 10, weight: 2 },
          { id: 14, weight: 1 },
        ],
      },
    ],
    ['a link without a gateway', direct, { kind: 'hop', id: 14, hop: { ifindex: 3, weight: 1, flags: 0 } }],
  ])('%s', (_, hex, nextHop) => {
    expect(parse(hex) as unknown).toEqual({ ok: true, nextHop });
  });

  test('that is cut anywhere is an object or a problem', () => {
    for (const hex of [via4, via6, groupOf]) {
      const bytes = encodeHex(hex);
      for (let cut = 0; cut < bytes.length; cut++) {
        const parsed = parseNextHop(bytes.slice(0, cut), 0, cut);
        expect(parsed.ok || parsed.problem.code.length > 0).toBe(true);
      }
    }
  });

  test.each([
    ['no identity', '0200030000000000', 'attribute-missing'],
    ['half a member', '0000030000000000 08000100 0d000000 08000200 0a000000', 'attribute-length'],
    ['a gateway of no family', '0000030000000000 08000100 0a000000 08000600 c6336401', 'value-range'],
    ['half an IPv6 gateway', '0a00030000000000 08000100 0a000000 08000600 fe800000', 'attribute-short'],
  ])('%s is a problem', (_, hex, code) => {
    expect(parse(hex)).toMatchObject({ ok: false, problem: { code } });
  });
});
