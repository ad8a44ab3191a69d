import { describe, expect, test } from 'bun:test';
import { timestamp } from '../../core/model/ids.ts';
import { readContent } from './lease-content.ts';

const at = timestamp(1_000_000.25);
const uuid = '0f5ae3a4-62a5-4b5c-a0a0-5d3c2b1a0f9e';
const lease = 'lease { interface "eth0"; fixed-address 192.0.2.7; expire never; }\n';

describe('readContent parses a file', () => {
  const rows: [what: string, path: string, text: string, addresses: string[], incomplete: boolean][] = [
    ['of dhclient', '/d/dhclient.leases', lease, ['192.0.2.7'], false],
    ['of dhclient, cut off', '/d/dhclient.leases', lease + lease.slice(0, 30), ['192.0.2.7'], true],
    ["of NetworkManager's dhclient", `/d/dhclient-${uuid}-eth0.lease`, lease, ['192.0.2.7'], false],
    [
      "of NetworkManager's own client",
      `/d/internal-${uuid}-eth0.lease`,
      'ADDRESS=192.0.2.8\nLIFETIME=3600\n',
      ['192.0.2.8'],
      false,
    ],
    [
      'of that client without a lease yet',
      `/d/internal-${uuid}-eth0.lease`,
      '# This is private data.\n',
      [],
      true,
    ],
    ['that is empty', '/d/dhclient.leases', '', [], false],
  ];
  test.each(rows)('%s', (_what, path, text, addresses, incomplete) => {
    const result = readContent(path, at, text);
    if (!result.ok) throw new Error(result.problem);
    const found = result.content.leases.flatMap((one) => one.addresses.map(({ address }) => String(address)));
    expect([found, result.content.incomplete]).toEqual([addresses, incomplete]);
  });

  test('readContent rounds an end that counts from the time of the file to milliseconds', () => {
    const path = `/d/internal-${uuid}-eth0.lease`;
    const result = readContent(path, at, 'ADDRESS=192.0.2.8\nLIFETIME=3600\n');
    expect(result).toMatchObject({ ok: true, content: { leases: [{ expire: 4_600_000 }] } });
  });

  test('readContent refuses a file in another format', () => {
    expect(readContent('/d/dhclient.leases', at, 'timeout 60; retry 60;\n')).toMatchObject({ ok: false });
  });

  test('readContent names the line of each problem', () => {
    const text = `${lease}lease { fixed-address 192.0.2.9; }\n`;
    expect(readContent('/d/dhclient.leases', at, text)).toMatchObject({
      ok: true,
      content: { problems: [expect.stringMatching(/^line 2: /)] },
    });
  });
});
