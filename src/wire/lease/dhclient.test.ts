import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { maxLeaseText, type ParsedLeases, parseLeases } from './dhclient.ts';
import { gatewaysOf, type Lease } from './lease.ts';
import type { LeaseProblemCode } from './problem.ts';

const fixtures = join(import.meta.dir, '../../../test/fixtures/lease');
const fixture = (name: string): string => readFileSync(join(fixtures, name), 'utf8');

type Good = Extract<ParsedLeases, { ok: true }>;

function parsed(text: string): Good {
  const result = parseLeases(text);
  if (!result.ok) throw new Error(result.problem.problem);
  return result;
}

const at = (text: string): number => Date.parse(text);
const plain = (lease: Lease | undefined): Record<string, unknown> => ({
  ...lease,
  options: Object.fromEntries(lease?.options ?? []),
});

describe('parseLeases on files of dhclient', () => {
  test('an IPv4 lease has all of its values', () => {
    const { leases, problems, incomplete } = parsed(fixture('dhclient4-plain.leases'));
    expect({ leases: leases.map(plain), problems, incomplete }).toEqual({
      leases: [
        {
          family: 4,
          interface: 'dh0',
          addresses: [
            {
              address: '10.77.3.65',
              preferredUntil: at('2026-11-21T18:49:40Z'),
              validUntil: at('2026-11-21T18:49:40Z'),
            },
          ],
          delegated: [],
          subnetMask: '255.255.255.0',
          prefixLength: 24,
          broadcast: '10.77.3.255',
          routers: ['10.77.3.1'],
          classlessRoutes: [],
          dns: ['10.77.3.1'],
          domainName: 'dh0.lab.example',
          domainSearch: ['dh0.lab.example'],
          hostName: 'lab',
          ntp: [],
          serverIdentifier: '10.77.3.1',
          leaseTime: 120,
          renew: at('2026-11-21T18:48:31Z'),
          rebind: at('2026-11-21T18:49:25Z'),
          expire: at('2026-11-21T18:49:40Z'),
          bootp: false,
          released: false,
          options: { 'dhcp-message-type': '5', 'dhcp-renewal-time': '60', 'dhcp-rebinding-time': '105' },
          rejected: 0,
        },
      ],
      problems: [],
      incomplete: false,
    });
  });

  test('a lease has every typed option, without hostile text', () => {
    const { leases, problems } = parsed(fixture('dhclient4.leases'));
    const [lease] = leases;
    expect(problems).toEqual([]);
    expect(plain(lease)).toMatchObject({
      routers: ['10.99.0.1', '10.99.0.2'],
      dns: ['10.99.0.1', '10.99.0.3'],
      ntp: ['10.99.0.4'],
      mtu: 1400,
      domainSearch: ['cap.example', 'more.example'],
      classlessRoutes: [
        { destination: { address: '10.0.0.0', length: 8 }, gateway: '10.99.0.9' },
        { destination: { address: '0.0.0.0', length: 0 }, gateway: '10.99.0.1' },
      ],
      // unknown-250 contains `$(reboot)`, unknown-251 a space.
      rejected: 2,
    });
    expect(Object.fromEntries(lease?.options ?? [])).toEqual({
      'dhcp-message-type': '5',
      'dhcp-renewal-time': '3600',
      'dhcp-rebinding-time': '6300',
      'unknown-245': 'a8:3f:81:10',
      'unknown-249': '0c:ac:10:0a:63:00:09',
    });
    // RFC 3442: with classless routes the router option is not used.
    expect(lease === undefined ? '' : gatewaysOf(lease).join(' ')).toBe('10.99.0.1');
  });

  test('a released lease has its end, also in local time format', () => {
    const { leases, problems } = parsed(fixture('dhclient4-released.leases'));
    expect(problems).toEqual([]);
    expect(leases).toHaveLength(2);
    const [active, released] = leases;
    expect(Number(released?.expire)).toBeLessThan(Number(active?.expire));
  });

  test('an IPv6 lease has its values and its release', () => {
    const { leases, problems, incomplete } = parsed(fixture('dhclient6-released.leases'));
    expect({ problems, incomplete }).toEqual({ problems: [], incomplete: false });
    expect(leases.map((lease) => lease.released)).toEqual([false, true]);
    const starts = 1795293211;
    expect(plain(leases[0])).toEqual({
      family: 6,
      interface: 'cap0',
      addresses: [
        {
          address: '2001:db8:99::7c',
          preferredUntil: (starts + 7200) * 1000,
          validUntil: (starts + 7200) * 1000,
        },
      ],
      delegated: [],
      routers: [],
      classlessRoutes: [],
      dns: ['2001:db8:99::1', '2001:db8:99::3'],
      domainSearch: ['cap6.example', 'more.example'],
      ntp: ['2001:db8:99::4'],
      serverIdentifier: '00:01:00:01:32:94:bc:98:ce:4b:be:bc:98:11',
      renew: (starts + 3600) * 1000,
      rebind: (starts + 6300) * 1000,
      expire: (starts + 7200) * 1000,
      bootp: false,
      released: false,
      options: { 'dhcp6.client-id': '00:01:00:01:32:94:bc:9b:96:d0:a2:50:ad:59' },
      // The status code is a word and a text: nothing that belongs on one line.
      rejected: 1,
    });
  });

  for (const name of [
    'dhclient4-plain.leases',
    'dhclient4.leases',
    'dhclient4-released.leases',
    'dhclient6-released.leases',
  ]) {
    test(`${name}, cut at any byte, yields the leases before the cut and is incomplete`, () => {
      const text = fixture(name);
      const whole = parsed(text).leases;
      // Where each lease's closing brace is: the only ones at the start of a line.
      const ends = Array.from(text.matchAll(/^\}/gm), (match) => match.index + 1);
      expect(ends).toHaveLength(whole.length);
      for (let cut = 0; cut <= text.length; cut++) {
        const { leases, incomplete } = parsed(text.slice(0, cut));
        const complete = ends.filter((end) => end <= cut).length;
        expect(leases).toEqual(whole.slice(0, complete));
        const rest = text.slice(ends[complete - 1] ?? 0, cut).replace(/^default-duid .*;$/m, '');
        expect({ cut, incomplete }).toEqual({ cut, incomplete: rest.trim() !== '' });
      }
    });

    test(`${name} yields the same leases with other line ends and without any`, () => {
      const text = fixture(name);
      expect(parsed(text.replaceAll('\n', '\r\n'))).toEqual(parsed(text));
      const joined = text.replace(/#.*/g, '').replaceAll('\n', ' ');
      expect(parsed(joined).leases).toEqual(parsed(text).leases);
    });
  }
});

const lease = (inner: string): string => `lease { interface "eth0"; fixed-address 192.0.2.5; ${inner} }`;
const ia = (inner: string): string => `lease6 { interface "eth0"; ${inner} }`;

describe('parseLeases: grammar', () => {
  const rows: [name: string, text: string, expected: Record<string, unknown>][] = [
    [
      'keywords in any case',
      'LEASE { Interface "eth0"; FIXED-ADDRESS 192.0.2.5; Option ROUTERS 192.0.2.1; }',
      { routers: ['192.0.2.1'] },
    ],
    [
      'comments anywhere',
      `# one\nlease { # two "\ninterface "eth0"; # }\nfixed-address 192.0.2.5;#x\n}`,
      { interface: 'eth0' },
    ],
    ['a # within quotes', lease('option wpad "a#b"; option routers 192.0.2.1;'), { routers: ['192.0.2.1'] }],
    [
      'everything on one line, without spaces',
      'lease{interface "eth0";fixed-address 192.0.2.5;option routers 192.0.2.1,192.0.2.2;}',
      { routers: ['192.0.2.1', '192.0.2.2'] },
    ],
    [
      'a quote and braces within quotes',
      lease('option unknown-224 "a\\"};{"; option routers 192.0.2.1;'),
      { routers: ['192.0.2.1'], rejected: 1 },
    ],
    ['octal escapes', lease('option host-name "\\154\\141b";'), { hostName: 'lab' }],
    ['hexadecimal escapes', lease('option host-name "\\x6cab";'), { hostName: 'lab' }],
    ['an escaped letter that needs none', lease('option host-name "\\l\\ab";'), { hostName: 'lab' }],
    [
      'NUL bytes at the end of a string',
      lease('option domain-name "lab.example\\000\\000";'),
      { domainName: 'lab.example' },
    ],
    [
      'three domain name servers',
      lease('option domain-name-servers 8.8.8.8, 8.8.4.4, 1.1.1.1;'),
      { dns: ['8.8.8.8', '8.8.4.4', '1.1.1.1'] },
    ],
    [
      'a server that is named twice',
      lease('option domain-name-servers 8.8.8.8,8.8.8.8;'),
      { dns: ['8.8.8.8'] },
    ],
    [
      'a search list',
      lease('option domain-search "a.example.", "b.example";'),
      { domainSearch: ['a.example', 'b.example'] },
    ],
    [
      'a search list in domain-name',
      lease('option domain-name "a.example b.example";'),
      { domainName: 'a.example', domainSearch: ['b.example'] },
    ],
    [
      'of an option that is set twice, the last value is used',
      lease('option routers 192.0.2.1; option routers 192.0.2.9;'),
      { routers: ['192.0.2.9'] },
    ],
    [
      'of an address that is listed twice, the last entry is used',
      lease('fixed-address 192.0.2.6;'),
      { addresses: [{ address: '192.0.2.6', preferredUntil: 'never', validUntil: 'never' }] },
    ],
    [
      'an option whose name begins like another',
      lease('option domain-name-servers 192.0.2.1;'),
      { dns: ['192.0.2.1'] },
    ],
    [
      'an empty option',
      lease('option domain-name-servers ; option domain-name "";'),
      { dns: [], domainSearch: [] },
    ],
    [
      'semicolons to spare',
      'lease { ; interface "eth0";; fixed-address 192.0.2.5; };',
      { interface: 'eth0' },
    ],
    [
      'the address in front of the braces',
      'lease 192.0.2.7 { interface "eth0"; }',
      { addresses: [{ address: '192.0.2.7', preferredUntil: 'never', validUntil: 'never' }] },
    ],
    ['a name without quotes', 'lease { interface eth0; fixed-address 192.0.2.5; }', { interface: 'eth0' }],
    [
      'a name that the kernel allows',
      'lease { interface "wan+1@x"; fixed-address 192.0.2.5; }',
      { interface: 'wan+1@x' },
    ],
    [
      'bootp',
      lease('bootp; filename "x"; server-name "y"; medium "z"; key foo; name "p"; vendor option space "q";'),
      { bootp: true, rejected: 0 },
    ],
    ['a date', lease('renew 2 2026/11/24 10:11:12;'), { renew: at('2026-11-24T10:11:12Z') }],
    [
      'a date with an offset in seconds',
      lease('expire 2 2026/11/24 10:11:12 -3600;'),
      { expire: at('2026-11-24T09:11:12Z') },
    ],
    ['a date with UTC', lease('rebind 2 2026/11/24 10:11:12 UTC;'), { rebind: at('2026-11-24T10:11:12Z') }],
    ['a year since 1900', lease('expire 2 126/11/24 10:11:12;'), { expire: at('2026-11-24T10:11:12Z') }],
    ['a date beyond 2038', lease('expire 2 2099/01/01 00:00:00;'), { expire: at('2099-01-01T00:00:00Z') }],
    ['a leap day', lease('expire 2 2028/02/29 00:00:00;'), { expire: at('2028-02-29T00:00:00Z') }],
    ['seconds since the epoch', lease('expire epoch 1795946591; # Tue\n'), { expire: 1795946591000 }],
    ['never', lease('renew never; rebind never; expire never;'), { renew: 'never', expire: 'never' }],
    ['no end at all', lease(''), { expire: 'never' }],
    ['released', lease('released;'), { released: true }],
    ['abandoned', lease('abandoned;'), { released: true }],
    ['an infinite lease time', lease('option dhcp-lease-time 4294967295;'), { rejected: 0 }],
    [
      'classless routes as numbers',
      lease('option rfc3442-classless-static-routes 24,10,0,1,192,0,2,9;'),
      { classlessRoutes: [{ destination: { address: '10.0.1.0', length: 24 }, gateway: '192.0.2.9' }] },
    ],
    [
      'classless routes as bytes',
      lease('option unknown-121 18:a:0:1:c0:0:2:9;'),
      { classlessRoutes: [{ destination: { address: '10.0.1.0', length: 24 }, gateway: '192.0.2.9' }] },
    ],
    [
      'classless routes as text',
      lease('option unknown-249 "\\030\\012\\000\\001\\300\\000\\002\\011";'),
      { classlessRoutes: [{ destination: { address: '10.0.1.0', length: 24 }, gateway: '192.0.2.9' }] },
    ],
    [
      'classless routes as RHEL writes them',
      lease('option classless-static-routes 24.10.0.1 192.0.2.9,0 192.0.2.1;'),
      {
        classlessRoutes: [
          { destination: { address: '10.0.1.0', length: 24 }, gateway: '192.0.2.9' },
          { destination: { address: '0.0.0.0', length: 0 }, gateway: '192.0.2.1' },
        ],
      },
    ],
    [
      'a classless route on the link itself',
      lease('option rfc3442-classless-static-routes 25,10,0,1,129,0,0,0,0;'),
      { classlessRoutes: [{ destination: { address: '10.0.1.128', length: 25 } }] },
    ],
    [
      'classless routes under both numbers: the standard wins',
      lease('option unknown-249 0:c0:0:2:8; option rfc3442-classless-static-routes 0,192,0,2,9;'),
      { classlessRoutes: [{ destination: { address: '0.0.0.0', length: 0 }, gateway: '192.0.2.9' }] },
    ],
    [
      'an identity association for temporary addresses',
      ia('ia-ta 0:0:0:1 { iaaddr 2001:db8::1 { starts 1000; preferred-life 10; max-life 20; } }'),
      {
        addresses: [{ address: '2001:db8::1', preferredUntil: 1010000, validUntil: 1020000 }],
        expire: 1020000,
      },
    ],
    [
      'a delegated prefix',
      ia(
        'ia-pd 0:0:0:1 { starts 1000; iaprefix 2001:db8:1::1/56 { starts 1000; preferred-life 10; max-life 20; } }',
      ),
      {
        addresses: [],
        delegated: [
          { prefix: { address: '2001:db8:1::', length: 56 }, preferredUntil: 1010000, validUntil: 1020000 },
        ],
      },
    ],
    [
      'a lease of several associations lasts until the last one ends',
      ia(
        'ia-na 1:2:3:4 { starts 1000; renew 5; rebind 8; iaaddr 2001:db8::1 { starts 1000; max-life 20; } iaaddr 2001:db8::2 { starts 1000; max-life 30; } } ia-na 1:2:3:5 { starts 1000; renew 4; rebind 0; }',
      ),
      { expire: 1030000, renew: 1004000, rebind: 1008000 },
    ],
    [
      'an address without an end',
      ia('ia-na 1:2:3:4 { iaaddr 2001:db8::1 { starts 1000; preferred-life 4294967295; max-life -1; } }'),
      {
        addresses: [{ address: '2001:db8::1', preferredUntil: 'never', validUntil: 'never' }],
        expire: 'never',
      },
    ],
    [
      'an address that the server revoked',
      ia(
        'ia-na 1:2:3:4 { iaaddr 2001:db8::1 { starts 1; max-life 0; } iaaddr 2001:db8::2 { starts 1; max-life 9; } }',
      ),
      { addresses: [{ address: '2001:db8::2', preferredUntil: 'never', validUntil: 10000 }] },
    ],
    [
      'options within associations',
      ia(
        'ia-na 1:2:3:4 { iaaddr 2001:db8::1 { max-life 9; option dhcp6.status-code success; } option dhcp6.status-code success "x"; }',
      ),
      { rejected: 0 },
    ],
    [
      'a fully qualified name',
      ia('ia-na 1:2:3:4 { } option dhcp6.fqdn 1 "host.example.";'),
      { hostName: 'host.example' },
    ],
    [
      'time servers by name and by number',
      ia('ia-na 1:2:3:4 { } option dhcp6.ntp-servers 2001:db8::5; option dhcp6.sntp-servers 2001:db8::6;'),
      { ntp: ['2001:db8::5', '2001:db8::6'] },
    ],
  ];
  for (const [name, text, expected] of rows) {
    test(`the parser accepts ${name}`, () => {
      const { leases, problems, incomplete } = parsed(text);
      expect(problems).toEqual([]);
      expect(incomplete).toBe(false);
      expect(leases).toHaveLength(1);
      expect(plain(leases[0])).toMatchObject(expected);
    });
  }

  test('statements other than leases are ignored', () => {
    const text = `default-duid "\\000\\001"; authoring-byte-order little-endian; key k { algorithm hmac-md5; secret "x"; }`;
    expect(parsed(text)).toMatchObject({ leases: [], problems: [], incomplete: false });
  });

  test('an empty file has no leases', () => {
    for (const text of ['', '\n\n', '# only a comment', ' \t\r\n']) {
      expect(parsed(text)).toEqual({ ok: true, leases: [], problems: [], omitted: 0, incomplete: false });
    }
  });

  test('leases keep their order', () => {
    const text = `${lease('')}\nlease { interface "eth1"; fixed-address 192.0.2.6; }`;
    expect(parsed(text).leases.map((one) => one.interface)).toEqual(['eth0', 'eth1']);
  });
});

describe('parseLeases: invalid values', () => {
  const rows: [
    name: string,
    text: string,
    problem: readonly [code: LeaseProblemCode, subject: string | undefined],
    expected: Record<string, unknown>,
  ][] = [
    [
      'a command as a host name',
      lease('option host-name "x; reboot";'),
      ['invalid-value', 'host-name'],
      { rejected: 1 },
    ],
    [
      'a command in backticks as a domain',
      lease('option domain-name "`id`";'),
      ['invalid-value', 'domain-name'],
      { domainSearch: [] },
    ],
    [
      'Shellshock as a host name',
      lease('option host-name "() { :; }; reboot";'),
      ['invalid-value', 'host-name'],
      {},
    ],
    [
      'a host name with a line feed',
      lease('option host-name "a\\012b";'),
      ['invalid-value', 'host-name'],
      {},
    ],
    [
      'one invalid server among valid ones',
      lease('option domain-name-servers 8.8.8.8,999.1.1.1,8.8.4.4;'),
      ['invalid-value', 'domain-name-servers'],
      { dns: ['8.8.8.8', '8.8.4.4'], rejected: 1 },
    ],
    [
      'a server of the other family',
      lease('option domain-name-servers 2001:db8::1;'),
      ['invalid-value', 'domain-name-servers'],
      { dns: [] },
    ],
    [
      'the unspecified address as a router',
      lease('option routers 0.0.0.0;'),
      ['invalid-value', 'routers'],
      { routers: [] },
    ],
    ['a multicast router', lease('option routers 224.0.0.1;'), ['invalid-value', 'routers'], { routers: [] }],
    [
      'the loopback as a router',
      lease('option routers 127.0.0.1;'),
      ['invalid-value', 'routers'],
      { routers: [] },
    ],
    ['a mask with holes', lease('option subnet-mask 255.0.255.0;'), ['invalid-value', 'subnet-mask'], {}],
    ['an empty mask', lease('option subnet-mask 0.0.0.0;'), ['invalid-value', 'subnet-mask'], {}],
    ['an MTU below what IP needs', lease('option interface-mtu 67;'), ['invalid-value', 'interface-mtu'], {}],
    [
      'an MTU beyond what a packet can be',
      lease('option interface-mtu 65536;'),
      ['invalid-value', 'interface-mtu'],
      {},
    ],
    [
      'a lease time that is not a number',
      lease('option dhcp-lease-time soon;'),
      ['invalid-value', 'dhcp-lease-time'],
      {},
    ],
    [
      'classless routes that stop in the middle',
      lease('option rfc3442-classless-static-routes 24,10,0,1,192,0;'),
      ['invalid-value', 'rfc3442-classless-static-routes'],
      { classlessRoutes: [] },
    ],
    [
      'a classless route of 33 bits',
      lease('option rfc3442-classless-static-routes 33,10,0,1,1,1,192,0,2,1;'),
      ['invalid-value', 'rfc3442-classless-static-routes'],
      { classlessRoutes: [] },
    ],
    [
      'an invalid month',
      lease('expire 2 2026/13/24 10:11:12;'),
      ['invalid-value', 'expire'],
      { expire: 'never' },
    ],
    [
      'the 29th of February of a common year',
      lease('expire 2 2026/02/29 10:11:12;'),
      ['invalid-value', 'expire'],
      {},
    ],
    ['an invalid hour', lease('renew 2 2026/11/24 24:00:00;'), ['invalid-value', 'renew'], {}],
    ['a date that is a sentence', lease('renew tomorrow morning;'), ['invalid-value', 'renew'], {}],
    ['an option without a name', lease('option ;'), ['unnamed-option', undefined], {}],
    ['an unknown statement', lease('frobnicate "x";'), ['unknown-statement', 'frobnicate'], {}],
    [
      'an invalid address after a valid one',
      lease('fixed-address 300.0.0.1;'),
      ['invalid-value', 'fixed-address'],
      { addresses: [{ address: '192.0.2.5', preferredUntil: 'never', validUntil: 'never' }] },
    ],
    [
      'an invalid IPv6 address',
      ia('ia-na 1:2:3:4 { iaaddr nonsense { } }'),
      ['invalid-value', 'iaaddr'],
      { addresses: [] },
    ],
    [
      'a prefix of 129 bits',
      ia('ia-pd 1:2:3:4 { iaprefix 2001:db8::/129 { } }'),
      ['invalid-value', 'iaprefix'],
      { delegated: [] },
    ],
    [
      'a prefix of IPv4',
      ia('ia-pd 1:2:3:4 { iaprefix 10.0.0.0/8 { } }'),
      ['invalid-value', 'iaprefix'],
      { delegated: [] },
    ],
  ];
  for (const [name, text, problem, expected] of rows) {
    test(`an invalid value is left out and reported: ${name}`, () => {
      const { leases, problems } = parsed(text);
      expect(problems.map(({ code, subject }) => [code, subject])).toEqual([[...problem]]);
      expect(plain(leases[0])).toMatchObject(expected);
    });
  }
});

describe('parseLeases: unusable leases', () => {
  const rows: [name: string, text: string, code: LeaseProblemCode][] = [
    ['without a link', 'lease { fixed-address 192.0.2.5; }', 'missing-interface'],
    ['with a path for a link', 'lease { interface "../../etc"; fixed-address 192.0.2.5; }', 'invalid-value'],
    [
      'with a line feed in its link',
      'lease { interface "a\\012b"; fixed-address 192.0.2.5; }',
      'invalid-value',
    ],
    ['without an address', 'lease { interface "eth0"; }', 'missing-address'],
    [
      'with the loopback for an address',
      'lease { interface "eth0"; fixed-address 127.0.0.1; }',
      'invalid-value',
    ],
    ['of IPv6 without an association', 'lease6 { interface "eth0"; }', 'missing-association'],
    ['of IPv6 without a link', 'lease6 { ia-na 1:2:3:4 { } }', 'missing-interface'],
  ];
  for (const [name, text, code] of rows) {
    test(`a lease is left out without affecting others: ${name}`, () => {
      const { leases, problems } = parsed(`${lease('')}\n${text}\n${lease('')}`);
      expect(leases).toHaveLength(2);
      expect(problems[0]?.line).toBe(2);
      expect(problems[0]?.code).toBe(code);
    });
  }
});

describe('parseLeases: truncated files', () => {
  const good = lease('option routers 192.0.2.1;');
  const rows: [name: string, text: string, links: number, code: LeaseProblemCode][] = [
    ['in a lease and continued', `lease {\n  interface "eth9";\n  fixed-addr\n${good}`, 1, 'unfinished'],
    [
      'in a string and continued',
      `lease {\n  interface "eth9";\n  option host-name "la\n${good}`,
      1,
      'unfinished',
    ],
    [
      'in an association and continued',
      `lease6 { interface "eth9"; ia-na 1:2:3:4 { iaaddr 2001:db8::1 {\n starts 1;\n${good}`,
      1,
      'unfinished',
    ],
    ['in a word before a lease', `leas\n${good}`, 1, 'unfinished'],
    ['with an extra brace', `}\n${good}\n}`, 1, 'unopened-brace'],
    ['with an option before any lease', `option routers 10.0.0.1;\n${good}`, 1, 'unknown-statement'],
    [
      'with a missing semicolon',
      `lease { interface "eth0"; fixed-address 192.0.2.5; option routers 192.0.2.1 }\n${good}`,
      2,
      'missing-semicolon',
    ],
    [
      'with a block that has no name',
      `lease { interface "eth0"; fixed-address 192.0.2.5; { x; } }\n${good}`,
      2,
      'unnamed-block',
    ],
    ['with endlessly nested blocks', `${'x { '.repeat(100_000)}\n${good}`, 1, 'unfinished'],
  ];
  for (const [name, text, links, code] of rows) {
    test(`complete leases survive a file truncated ${name}`, () => {
      const { leases, problems } = parsed(text);
      expect(leases).toHaveLength(links);
      expect(leases.at(-1)?.routers.join()).toBe('192.0.2.1');
      expect(problems.some((one) => one.code === code)).toBe(true);
    });
  }

  test('at most a hundred problems are reported', () => {
    const { problems, omitted } = parsed(`${good}\n${'rubbish;'.repeat(1000)}`);
    expect([problems.length, omitted]).toEqual([100, 900]);
  });
});

describe('parseLeases: other files', () => {
  const rows: [name: string, text: string][] = [
    ['dhcpd.conf', 'subnet 10.0.0.0 netmask 255.0.0.0 { range 10.0.0.1 10.0.0.9; }'],
    ['something longer than any lease file', ' '.repeat(maxLeaseText + 1)],
  ];
  for (const [name, text] of rows) {
    test(`another file is rejected: ${name}`, () => {
      expect(parseLeases(text).ok).toBe(false);
    });
  }
});

describe('parseLeases: any text', () => {
  test('no text makes the parser throw, nor do its halves', () => {
    const bits = fc.constantFrom(
      'lease',
      'lease6',
      '{',
      '}',
      ';',
      '"',
      '\\',
      '#',
      '\n',
      ' ',
      ',',
      'interface',
      'option',
      'ia-na',
      'iaaddr',
      'expire',
      'never',
      'epoch',
      '1:2:3:4',
      '2001:db8::1',
      '192.0.2.1',
      'routers',
      '\0',
      'é',
      '\ud800',
    );
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 60 }), fc.boolean(), (words, spaced) => {
        const text = words.join(spaced ? ' ' : '');
        const result = parseLeases(text);
        if (result.ok && !result.incomplete) {
          // Appended text does not change complete leases.
          const more = parseLeases(`${text}\n${lease('')}`);
          expect(more.ok).toBe(true);
          if (more.ok) expect(more.leases.slice(0, result.leases.length)).toEqual([...result.leases]);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('a string is decoded to the text that was escaped', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
        const escaped = Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
        const [route] =
          parsed(lease(`option unknown-121 "\\040${escaped}";`)).leases[0]?.classlessRoutes ?? [];
        expect(String(route?.destination.address)).toBe(bytes.subarray(0, 4).join('.'));
      }),
    );
  });
});
