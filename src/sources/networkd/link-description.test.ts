import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDescription } from './link-description.ts';

const empty = {
  dns: [],
  domains: [],
  ntp: [],
  gateways: [],
  networkFile: '',
  linkFile: '',
  lease4: null,
  lease6: null,
};

const leased = (source: string) => ({ ConfigSource: source });

describe('parseDescription of a DHCP lease', () => {
  test('collects what names DHCPv4 as its source, and nothing else', () => {
    const text = JSON.stringify({
      Addresses: [
        { Address: [10, 77, 1, 63], ...leased('DHCPv4') },
        { Address: [192, 0, 2, 2], ...leased('static') },
      ],
      DNS: [
        { Address: [10, 77, 1, 1], ...leased('DHCPv4') },
        { Address: [9, 9, 9, 9], ...leased('static') },
      ],
      SearchDomains: [{ Domain: 'lab.example', ...leased('DHCPv4') }],
      Routes: [
        { DestinationPrefixLength: 0, Table: 254, Gateway: [10, 77, 1, 1], Priority: 1, ...leased('DHCPv4') },
        { DestinationPrefixLength: 0, Table: 254, Gateway: [10, 77, 1, 2], Priority: 0, ...leased('static') },
      ],
    });
    const described = parseDescription(text);
    expect(described.ok && (described.details.lease4 as unknown)).toEqual({
      addresses: ['10.77.1.63'],
      prefixes: [],
      gateways: ['10.77.1.1'],
      dns: ['10.77.1.1'],
      domains: ['lab.example'],
      ntp: [],
    });
    expect(described.ok && described.details.lease6).toBeNull();
  });

  test('a delegated prefix alone is a lease', () => {
    const prefix = { Prefix: [32, 1, 13, 184, ...Array(12).fill(0)], PrefixLength: 56 };
    const invalid = { Prefix: [1, 2], PrefixLength: 56 };
    const described = parseDescription(JSON.stringify({ DHCPv6Client: { Prefixes: [prefix, invalid] } }));
    expect(described.ok && described.details.lease6?.prefixes).toEqual(['2001:db8::/56']);
  });

  test('reads the lease of a real description', () => {
    const nd0 = JSON.parse(
      readFileSync(
        join(import.meta.dir, '../../../test/fixtures/managers/networkd-link-describe-nd0.json'),
        'utf8',
      ),
    );
    const described = parseDescription(typeof nd0 === 'string' ? nd0 : JSON.stringify(nd0));
    expect(described.ok && (described.details.lease4 as unknown)).toEqual({
      addresses: ['10.77.1.63'],
      prefixes: [],
      gateways: ['10.77.1.1'],
      dns: ['10.77.1.1'],
      domains: ['nd0.lab.example'],
      ntp: [],
    });
  });
});

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
