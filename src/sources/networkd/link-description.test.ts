import { describe, expect, test } from 'bun:test';
import { parseDescription } from './link-description.ts';

const empty = { dns: [], domains: [], ntp: [], gateways: [], networkFile: '', linkFile: '' };

describe('parseDescription', () => {
  test.each<readonly [string, object, object, number]>([
    ['accepts an empty description', {}, {}, 0],
    [
      'returns servers of both families, each once',
      {
        DNS: [
          { Address: [192, 0, 2, 1] },
          { Address: [192, 0, 2, 1] },
          { Address: [32, 1, 13, 184, ...Array(11).fill(0), 1] },
        ],
      },
      { dns: ['192.0.2.1', '2001:db8::1'] },
      0,
    ],
    [
      'counts invalid servers',
      {
        DNS: [
          { Address: [1, 2, 3] },
          { Address: [256, 0, 0, 1] },
          { Address: [0, 0, 0, 0] },
          { Address: [224, 0, 0, 1] },
          {},
          'x',
          null,
        ],
      },
      {},
      7,
    ],
    [
      'returns valid domains',
      {
        SearchDomains: [
          { Domain: 'Lab.Example.' },
          { Domain: 'lab.example' },
          { Domain: 'a b' },
          { Domain: '$(id)' },
          { Domain: 3 },
        ],
      },
      { domains: ['lab.example'] },
      3,
    ],
    [
      'returns time servers by name and by address',
      { NTP: [{ Server: 'ntp.example' }, { Address: [192, 0, 2, 123] }, { Server: '-x' }] },
      { ntp: ['ntp.example', '192.0.2.123'] },
      1,
    ],
    [
      'returns gateways of default routes, the best first',
      {
        Routes: [
          { DestinationPrefixLength: 0, Table: 254, Priority: 1024, Gateway: [192, 0, 2, 2] },
          { DestinationPrefixLength: 0, Table: 254, Priority: 100, Gateway: [192, 0, 2, 1] },
          { DestinationPrefixLength: 0, Table: 77, Gateway: [192, 0, 2, 3] },
          { DestinationPrefixLength: 24, Table: 254, Gateway: [192, 0, 2, 4] },
          { DestinationPrefixLength: 0, Table: 254, Gateway: null },
        ],
      },
      { gateways: ['192.0.2.1', '192.0.2.2'] },
      0,
    ],
    [
      'returns the file paths',
      { NetworkFile: '/etc/systemd/network/a.network', LinkFile: '/usr/lib/systemd/network/99-default.link' },
      { networkFile: '/etc/systemd/network/a.network', linkFile: '/usr/lib/systemd/network/99-default.link' },
      0,
    ],
    ['counts invalid file paths', { NetworkFile: 'a\nb', LinkFile: 3 }, {}, 2],
    [
      'accepts null for an absent value',
      { DNS: null, SearchDomains: null, NTP: null, Routes: null, NetworkFile: null },
      {},
      0,
    ],
  ])('%s', (_what, json, wanted, rejected) => {
    expect(parseDescription(JSON.stringify(json)) as unknown).toEqual({
      ok: true,
      details: { ...empty, ...wanted },
      rejected,
    });
  });

  test.each(['', '[]', 'null', '{', '"x"', '3'])('refuses %s', (text) => {
    expect(parseDescription(text).ok).toBe(false);
  });
});
