import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { ip, sampleAddress, sampleLease, sampleLinkObject, sampleRoute } from '../../testing/sample-state.ts';
import { isLinkLocal } from '../model/address.ts';
import type { Fact } from '../model/fact.ts';
import { ifIndex, tableId } from '../model/ids.ts';
import type { RuleObject } from '../model/kernel-objects.ts';
import type { NetworkManagerDevice } from '../model/state.ts';
import { encodeFacts, encodeHeader, parseRecording, type RecordingHeader } from './recording.ts';
import { Redactor } from './redact.ts';
import { StandIns } from './stand-ins.ts';

const header: RecordingHeader = { startedAt: 1_790_000_000_000, backend: 'auto', isRedacted: false };
const { statistics: _, ...link } = sampleLinkObject();
const rule: RuleObject = {
  family: 4,
  priority: 30_000,
  source: { address: ip('203.0.113.0'), length: 24 },
  table: tableId(203),
  action: 1,
  protocol: 140,
  tos: 0,
  flags: 0,
  tunnelId: 7n,
};
const device: NetworkManagerDevice = {
  state: 'activated',
  reason: 0,
  managed: true,
  connection: 'Head Office',
  dhcp4: {
    ip_address: '203.0.113.5',
    subnet_mask: '255.255.255.0',
    domain_name: 'corp.example.com',
    dhcp_client_identifier: '01:52:54:00:aa:bb:cc',
    expiry: '1790000600',
  },
  dns: [ip('203.0.113.53')],
  domains: ['corp.example.com'],
  ntp: ['ntp.corp.example.com'],
  gateways: [ip('203.0.113.1')],
};
const facts: readonly Fact[] = [
  {
    kind: 'kernelRead',
    snapshot: {
      drivers: new Map([[ifIndex(2), 'e1000e']]),
      links: [{ ...link, name: 'enp3s0', altNames: ['wan-frankfurt'], alias: 'to the provider' }],
      addresses: [
        sampleAddress('203.0.113.5', { broadcast: ip('203.0.113.255'), label: 'enp3s0:web' }),
        sampleAddress('2a01:4f8:1:2:5054:ff:feaa:bbcc'),
      ],
      routes: [sampleRoute(), sampleRoute({ destination: ip('203.0.113.0'), prefixLength: 24 })],
      rules: [rule],
    },
  },
  {
    kind: 'networkManagerRead',
    host: { State: 'connected-global' },
    devices: new Map([[ifIndex(2), device]]),
  },
  {
    kind: 'leasesRead',
    active: [
      sampleLease({
        interfaceName: 'enp3s0',
        text: 'INTERFACE=enp3s0 ADDRESS=203.0.113.5 DOMAINNAME=corp.example.com EXPIRE=2026-11-28T12:00:00Z',
        content: 'INTERFACE=enp3s0 ADDRESS=203.0.113.5 DOMAINNAME=corp.example.com',
        routes: ['198.51.100.0/24@203.0.113.9'],
        prefixes: ['2a01:4f8:f00::/48'],
      }),
    ],
  },
  { kind: 'sourceLostSync', source: 'kernel', cause: 'overrun' },
];
const text = [encodeHeader(header), encodeFacts({ after: 0, facts }), ''].join('\n');

describe('a recording', () => {
  test('is read as it was written', () => {
    const parsed = parseRecording(text);
    expect(parsed).toEqual({ ok: true, recording: { header, steps: [{ after: 0, facts }] } });
  });

  const refused: readonly [name: string, text: string, code: string, line: number][] = [
    ['nothing', '', 'NETEVD_RECORDING_FORMAT', 1],
    ['another file', '{"a":1}\n', 'NETEVD_RECORDING_FORMAT', 1],
    [
      'an unknown newer version',
      encodeHeader(header).replace('"version":1', '"version":2'),
      'NETEVD_RECORDING_VERSION',
      1,
    ],
    ['an unknown backend', encodeHeader(header).replace('"auto"', '"wicked"'), 'NETEVD_RECORDING_FORMAT', 1],
    ['a line that is no JSON', `${encodeHeader(header)}\n{\n{}\n`, 'NETEVD_RECORDING_FORMAT', 2],
    ['a negative time', `${encodeHeader(header)}\n{"after":-1,"facts":[]}\n`, 'NETEVD_RECORDING_FORMAT', 2],
    [
      'an unknown fact',
      `${encodeHeader(header)}\n{"after":0,"facts":[{"kind":"x"}]}\n`,
      'NETEVD_RECORDING_FORMAT',
      2,
    ],
    [
      'a fact that lacks something',
      `${encodeHeader(header)}\n{"after":0,"facts":[{"kind":"linkObserved"}]}\n`,
      'NETEVD_RECORDING_FORMAT',
      2,
    ],
  ];
  test.each(refused)('%s is refused', (_name, broken, code, line) => {
    const parsed = parseRecording(broken);
    if (parsed.ok) throw new Error('it was accepted');
    expect([parsed.problem.code, parsed.problem.line]).toEqual([code as never, line]);
  });

  test('may end in the middle of a line', () => {
    const parsed = parseRecording(`${text}{"after":5,"fa`);
    expect(parsed.ok && parsed.recording.steps).toHaveLength(1);
  });
});

/** A generator that depends on nothing but its seed (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const redacted = (seed = 1): string => {
  const redactor = new Redactor(new StandIns(chance(seed)));
  return encodeFacts({ after: 0, facts: facts.map((fact) => redactor.redact(fact)) });
};

describe('a redacted recording', () => {
  const secrets = [
    ...['203.0.113', '2a01:4f8', 'feaa:bbcc', '192.168.1.1', '198.51.100', '9.9.9.9'],
    ...['enp3s0', 'frankfurt', 'provider', 'Head Office', 'corp', 'printer', 'ntp.'],
    ...['02:00:00:00:00:01', '52:54:00'],
  ];
  test.each(secrets)('does not contain %s', (secret) => {
    for (let seed = 0; seed < 20; seed++) expect(redacted(seed)).not.toContain(secret);
  });

  test('is a recording', () => {
    const parsed = parseRecording([encodeHeader({ ...header, isRedacted: true }), redacted()].join('\n'));
    expect(parsed.ok && parsed.recording.header.isRedacted).toBe(true);
  });

  test('keeps states, times, drivers and netmasks', () => {
    for (const kept of [
      'connected-global',
      'activated',
      '1790000600',
      'e1000e',
      '255.255.255.0',
      'overrun',
    ]) {
      expect(redacted()).toContain(kept);
    }
  });

  const words = fc.stringMatching(/^[a-z][a-z0-9]{4,11}$/);
  const octets = fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 11, max: 223 })));
  test('no text of any fact survives', () => {
    fc.assert(
      fc.property(words, words, octets, fc.integer(), (name, domain, [a, b, c, d], seed) => {
        const address = `${a}.${b}.${c}.${d}`;
        const mac = '52:54:00:12:34:56';
        const secret: readonly Fact[] = [
          { kind: 'linkObserved', link: { ...link, name, altNames: [`${name}x`], hardwareAddress: mac } },
          { kind: 'addressObserved', address: sampleAddress(address, { label: `${name}:1` }) },
          {
            kind: 'leasesRead',
            active: [
              sampleLease({
                interfaceName: name,
                domains: [`${domain}.net`],
                addresses: [ip(address)],
                hostName: domain,
              }),
            ],
          },
        ];
        const redactor = new Redactor(new StandIns(chance(seed)));
        const line = encodeFacts({ after: 0, facts: secret.map((fact) => redactor.redact(fact)) });
        const strings = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, string = '']) => string);
        for (const original of [name, `${name}x`, `${domain}.net`, domain, address, mac]) {
          expect(strings).not.toContain(original);
        }
      }),
    );
  });
});

describe('stand-ins of addresses', () => {
  const v4 = fc
    .tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 255 })))
    .map((b) => b.join('.'));
  const bitsOf = (address: string): string =>
    address
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('');
  const shared = (a: string, b: string): number => {
    const [x, y] = [bitsOf(a), bitsOf(b)];
    let length = 0;
    while (length < 32 && x[length] === y[length]) length++;
    return length;
  };

  test('share prefixes of the same length as the addresses', () => {
    fc.assert(
      fc.property(v4, v4, fc.integer(), (a, b, seed) => {
        const standIns = new StandIns(chance(seed));
        const [x, y] = [standIns.address(ip(a)), standIns.address(ip(b))];
        expect(shared(x, y)).toBe(shared(a, b));
        expect(standIns.address(ip(a))).toBe(x);
      }),
    );
  });

  test('a network is the prefix of the stand-ins in it', () => {
    fc.assert(
      fc.property(v4, fc.integer({ min: 8, max: 30 }), fc.integer(), (a, length, seed) => {
        const standIns = new StandIns(chance(seed));
        const network = standIns.network(ip(a), length);
        expect(bitsOf(network).slice(length)).toMatch(/^0*$/);
        expect(shared(network, standIns.address(ip(a)))).toBeGreaterThanOrEqual(length);
      }),
    );
  });

  test('remain of the same kind', () => {
    const standIns = new StandIns(chance(3));
    expect(standIns.address(ip('192.168.7.9'))).toMatch(/^192\.168\./);
    expect(standIns.address(ip('10.1.2.3'))).toMatch(/^10\./);
    expect(isLinkLocal(standIns.address(ip('fe80::1234')))).toBe(true);
    expect(standIns.address(ip('fd00::1'))).toMatch(/^f[cd]/);
    expect(standIns.address(ip('::1'))).toBe(ip('::1'));
    expect(standIns.link('veth12')).toMatch(/^veth/);
    expect(standIns.link('lo')).toBe('lo');
  });
});
