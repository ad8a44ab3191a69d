import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { timestamp } from '../../core/model/ids.ts';
import { newestValid, nextChange } from './current.ts';
import { parseLeases } from './dhclient.ts';
import { internalLeaseLink, parseInternalLease } from './internal.ts';
import type { Lease } from './lease.ts';
import { activeLease, leaseText } from './lease-text.ts';

const fixture = (name: string): string =>
  readFileSync(join(import.meta.dir, '../../../test/fixtures/lease', name), 'utf8');

function leasesOf(text: string): readonly Lease[] {
  const result = parseLeases(text);
  expect(result).toMatchObject({ ok: true, problems: [] });
  return result.ok ? result.leases : [];
}

const lease = (link: string, address: string, end: number | 'never', more: string = ''): string =>
  `lease { interface "${link}"; fixed-address ${address}; ${more} expire ${end === 'never' ? end : `epoch ${end}`}; }\n`;
const lease6 = (link: string, ...addresses: [address: string, end: number][]): string =>
  `lease6 { interface "${link}"; ia-na 1:2:3:4 {${addresses.map(([address, end]) => ` iaaddr ${address} { starts 0; max-life ${end}; }`).join('')} } }\n`;

/** `link address,address` of each lease that is valid at second 100, and when that changes. */
function current(text: string): [active: string[], next: number | undefined] {
  const leases = leasesOf(text);
  const now = timestamp(100_000);
  const next = nextChange(leases, now);
  return [
    newestValid(leases, now).map(
      (one) => `${one.interface} ${one.addresses.map((two) => two.address).join(',')}`,
    ),
    next === undefined ? undefined : next / 1000,
  ];
}

describe('newestValid and nextChange', () => {
  const rows: [name: string, text: string, active: string[], next?: number][] = [
    ['one that has not ended', lease('a', '192.0.2.1', 101), ['a 192.0.2.1'], 101],
    ['none that has ended', lease('a', '192.0.2.1', 99), []],
    ['none that ends now', lease('a', '192.0.2.1', 100), []],
    ['one without end', lease('a', '192.0.2.1', 'never'), ['a 192.0.2.1']],
    ['the last of a link', lease('a', '192.0.2.1', 200) + lease('a', '192.0.2.2', 150), ['a 192.0.2.2'], 150],
    [
      'one of each link',
      lease('a', '192.0.2.1', 200) + lease('b', '192.0.2.2', 150),
      ['a 192.0.2.1', 'b 192.0.2.2'],
      150,
    ],
    [
      'one of each family',
      lease('a', '192.0.2.1', 200) + lease6('a', ['2001:db8::1', 300]),
      ['a 192.0.2.1', 'a 2001:db8::1'],
      200,
    ],
    [
      'none after a release, also where an older one has not ended',
      lease('a', '192.0.2.1', 200) + lease('a', '192.0.2.2', 90),
      [],
    ],
    ['none that was released', lease('a', '192.0.2.1', 200, 'released;'), []],
    [
      'one that came after a release',
      lease('a', '192.0.2.1', 90) + lease('a', '192.0.2.2', 200),
      ['a 192.0.2.2'],
      200,
    ],
    ['what is left of one', lease6('a', ['2001:db8::1', 99], ['2001:db8::2', 150]), ['a 2001:db8::2'], 150],
    [
      'an address that ends before its lease',
      lease6('a', ['2001:db8::1', 120], ['2001:db8::2', 150]),
      ['a 2001:db8::1,2001:db8::2'],
      120,
    ],
    ['none where nothing is left', lease6('a', ['2001:db8::1', 99], ['2001:db8::2', 98]), []],
  ];
  for (const [name, text, active, next] of rows) {
    test(`the valid leases are ${name}`, () => {
      expect(current(text)).toEqual([active, next]);
    });
  }

  test('no lease is valid after dhclient -r, in both families', () => {
    for (const name of ['dhclient4-released.leases', 'dhclient6-released.leases']) {
      const leases = leasesOf(fixture(name));
      const now = timestamp(1795293300_000);
      expect(newestValid(leases.slice(0, 1), now)).toHaveLength(1);
      expect(newestValid(leases, now)).toEqual([]);
    }
  });
});

describe('parseInternalLease', () => {
  const file = { interface: 'nm5', modified: timestamp(1000) };

  test('the name of the file contains the interface', () => {
    const uuid = '179502b6-3be4-423c-a045-b6af01fe07ef';
    const rows: [name: string, link: string | undefined][] = [
      [`internal-${uuid}-nm5.lease`, 'nm5'],
      [`internal-${uuid}-wan-1.lease`, 'wan-1'],
      [`dhclient-${uuid}-nm5.lease`, undefined],
      [`internal-${uuid}-..lease`, undefined],
      [`internal-${uuid}-${'x'.repeat(16)}.lease`, undefined],
      ['internal-nm5.lease', undefined],
    ];
    for (const [name, link] of rows) expect(internalLeaseLink(name)).toBe(link);
  });

  test('a lease without a lifetime has an address but never counts as valid', () => {
    const result = parseInternalLease(fixture('nm-internal.lease'), file);
    expect(result).toMatchObject({
      ok: true,
      lease: { addresses: [{ address: '10.77.5.67' }], expire: 'unknown', rejected: 0 },
    });
    expect(result.ok && newestValid([result.lease], timestamp(2000))).toEqual([]);
  });

  test('a file of an older version has the complete lease', () => {
    const text =
      '# This is private data. Do not parse.\r\nADDRESS=192.0.2.9\r\nNETMASK=255.255.255.0\nROUTER=192.0.2.1\nSERVER_ADDRESS=192.0.2.2\n' +
      'T1=50\nT2=80\nLIFETIME=100\nDNS=192.0.2.3 192.0.2.4\nDOMAINNAME=a.example\nHOSTNAME=h\nMTU=1400\nNTP=192.0.2.5\nCLIENTID=01ab\n';
    const result = parseInternalLease(text, file);
    expect(result).toMatchObject({
      ok: true,
      lease: {
        interface: 'nm5',
        subnetMask: '255.255.255.0',
        prefixLength: 24,
        routers: ['192.0.2.1'],
        dns: ['192.0.2.3', '192.0.2.4'],
        domainName: 'a.example',
        hostName: 'h',
        mtu: 1400,
        ntp: ['192.0.2.5'],
        renew: 51_000,
        rebind: 81_000,
        expire: 101_000,
        rejected: 0,
      },
    });
  });

  test('invalid values are left out and counted', () => {
    const text =
      'ADDRESS=192.0.2.9\nDNS=$(id) 192.0.2.3\nHOSTNAME=a;b\nMTU=9\nNETMASK=255.0.255.0\nLIFETIME=soon\nDOMAINNAME=`id`\n';
    expect(parseInternalLease(text, file)).toMatchObject({
      ok: true,
      lease: { dns: ['192.0.2.3'], expire: 'unknown', rejected: 6 },
    });
  });

  test('a file without an address has no lease', () => {
    expect(parseInternalLease('ADDRESS=0.0.0.0\n', file).ok).toBe(false);
    expect(parseInternalLease('', file).ok).toBe(false);
  });
});

describe('leaseText', () => {
  test('the text of a lease has all values on one line', () => {
    const [lease] = leasesOf(
      fixture('dhclient4.leases').replace(
        'fixed-address',
        'option broadcast-address 255.255.255.255; fixed-address',
      ),
    );
    expect(lease === undefined ? '' : leaseText(lease)).toMatch(
      new RegExp(
        '^INTERFACE=cap0 ADDRESS=10\\.99\\.0\\.54 NETMASK=255\\.255\\.255\\.0 BROADCAST=10\\.99\\.0\\.255 ROUTER=10\\.99\\.0\\.1 ' +
          'ROUTES=10\\.0\\.0\\.0/8@10\\.99\\.0\\.9,0\\.0\\.0\\.0/0@10\\.99\\.0\\.1 SERVER_ADDRESS=10\\.99\\.0\\.1 DNS=10\\.99\\.0\\.1,10\\.99\\.0\\.3 ' +
          'DOMAINNAME=cap\\.example DOMAIN_SEARCH_LIST=cap\\.example,more\\.example HOSTNAME=caphost NTP=10\\.99\\.0\\.4 MTU=1400 LIFETIME=7200 ' +
          'RENEW=2026-11-21T\\S+Z REBIND=2026-11-21T\\S+Z EXPIRE=2026-11-21T\\S+Z dhcp-message-type=5 .*unknown-245=a8:3f:81:10( |$)',
      ),
    );
  });

  test('the text of a lease has no characters that are special to a shell', () => {
    const nasty = [
      '$(id)',
      '`id`',
      'a b',
      "a'b",
      'a\\"b',
      'a;b',
      'a|b',
      'a>b',
      'a&b',
      'a\\012b',
      '-rf',
      '*',
      '?',
      '[a]',
      '{a}',
      '~',
      '!!',
    ];
    const options = nasty
      .map((text, i) => `option unknown-${100 + i} "${text}"; option host-name "${text}";`)
      .join(' ');
    const result = parseLeases(
      `lease { interface "a$(id)"; fixed-address 192.0.2.5; ${options} option domain-name "$(id)"; }`,
    );
    expect(result.ok && result.leases.map(leaseText)).toEqual(['ADDRESS=192.0.2.5 EXPIRE=never']);
  });

  test('the text of a lease has delegated prefixes and routes on the link', () => {
    const [first, second] = leasesOf(
      'lease6 { interface "a"; ia-pd 1:2:3:4 { iaprefix 2001:db8::/56 { starts 0; max-life 9; } } }' +
        'lease { interface "a"; fixed-address 192.0.2.5; option unknown-121 8:a:0:0:0:0; }',
    );
    expect(first === undefined ? '' : leaseText(first)).toBe(
      'INTERFACE=a PREFIX=2001:db8::/56 EXPIRE=1970-01-01T00:00:09Z',
    );
    expect(second === undefined ? '' : leaseText(second)).toBe(
      'INTERFACE=a ADDRESS=192.0.2.5 ROUTES=10.0.0.0/8 EXPIRE=never',
    );
  });
});

test('activeLease converts a valid lease to its form in the state', () => {
  const [lease] = leasesOf(fixture('dhclient4.leases'));
  if (lease === undefined) throw new Error('no lease in the fixture');
  expect(activeLease(lease)).toMatchObject({
    interfaceName: 'cap0',
    family: 4,
    addresses: ['10.99.0.54'],
    subnetMask: '255.255.255.0',
    hostName: 'caphost',
    expires: lease.expire,
    dns: ['10.99.0.1', '10.99.0.3'],
    domains: ['cap.example', 'more.example'],
    ntp: ['10.99.0.4'],
    gateways: ['10.99.0.1'],
    text: leaseText(lease),
  });
});

describe('the content of a lease', () => {
  const contentOf = (option: string, end: string): string | undefined => {
    const [lease] = leasesOf(
      `lease { interface "a"; fixed-address 192.0.2.5; ${option} renew ${end}; rebind ${end}; expire ${end}; }`,
    );
    return lease === undefined ? undefined : activeLease(lease).content;
  };
  const first = contentOf('option dhcp-rebinding-time 105;', 'epoch 100');

  test('is the same after a renewal, also where the server varies the times', () => {
    expect(contentOf('option dhcp-rebinding-time 107;', 'epoch 200')).toBe(first);
    expect(contentOf('option dhcp-renewal-time 7;', 'epoch 200')).toBe(first);
  });

  test('is another one where any option is another one', () => {
    expect(contentOf('option tftp-server-name "boot";', 'epoch 100')).not.toBe(first);
  });
});
