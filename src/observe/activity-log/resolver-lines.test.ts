import { describe, expect, test } from 'bun:test';
import { generation, ifIndex } from '../../core/model/ids.ts';
import type { LinkService, ResolverCall } from '../../core/resolver/call.ts';
import { classifyResolverError } from '../../core/resolver/error-kind.ts';
import { resolverLine } from './resolver-lines.ts';

const link = (service: LinkService) => ({
  service,
  index: ifIndex(2),
  generation: generation(1),
  name: 'eth0',
});
const dns: ResolverCall = { kind: 'setLinkDns', link: link('resolve1'), servers: [] };
const domains: ResolverCall = { kind: 'setLinkDomains', link: link('network1'), domains: [] };
const name: ResolverCall = { kind: 'setHostname', name: 'printer', from: '2.1' };

describe('what the operator reads about name resolution', () => {
  const rows: [call: ResolverCall, error: string, text: string, message: RegExp][] = [
    [
      dns,
      'org.freedesktop.DBus.Error.InteractiveAuthorizationRequired',
      '',
      /^systemd-resolved refuses SetLinkDNS: polkit has no rule .* \/usr\/share\/polkit-1\/rules\.d\/50-netevd\.rules/,
    ],
    [
      name,
      'org.freedesktop.DBus.Error.AccessDenied',
      '',
      /^systemd-hostnamed refuses SetHostname: nobody can allow it.* Install the package polkitd/,
    ],
    [
      dns,
      'org.freedesktop.DBus.Error.ServiceUnknown',
      '',
      /^systemd-resolved does not run: what leases say about DNS servers .* set backends\.dhclient\.use_dns to false$/,
    ],
    [
      name,
      'org.freedesktop.DBus.Error.ServiceUnknown',
      '',
      /about the host name .* backends\.dhclient\.use_hostname/,
    ],
    [
      domains,
      'org.freedesktop.resolve1.LinkBusy',
      'Link is loopback',
      /^systemd-networkd refuses SetLinkDomains for this link \(Link is loopback\)/,
    ],
    [
      dns,
      'netevd.TimedOut',
      'no answer within 10 s',
      /^systemd-resolved does not answer SetLinkDNS \(no answer within 10 s\)/,
    ],
    [
      domains,
      'org.freedesktop.DBus.Error.InvalidArgs',
      'bad domain',
      /^systemd-networkd refuses SetLinkDomains \(bad domain\)$/,
    ],
    [
      dns,
      'org.example.Odd',
      'odd',
      /^systemd-resolved refuses SetLinkDNS \(org\.example\.Odd: odd\); it is tried again$/,
    ],
  ];
  test.each(rows)('%j: %s', (call, error, text, message) => {
    const failure = { call, error, text, errorKind: classifyResolverError(error, text), attempts: 1 };
    const line = resolverLine({ key: 'x', kind: 'refused', failure });
    expect(line.message).toMatch(message);
    expect(line.fields).toEqual({
      messageId: 'callRefused',
      ...('link' in call && { interface: 'eth0' }),
    });
  });

  test('names the file that wins over the host name of a lease', () => {
    const line = resolverLine({ key: 'x', kind: 'overruled', name: 'printer', staticName: 'fixed' });
    expect(line.message).toMatch(/'printer' has no effect: 'fixed' in \/etc\/hostname wins/);
  });
});
