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

describe('log lines about name resolution', () => {
  const rows: [call: ResolverCall, error: string, text: string, message: RegExp][] = [
    [
      dns,
      'org.freedesktop.DBus.Error.InteractiveAuthorizationRequired',
      '',
      /^systemd-resolved .*SetLinkDNS.* \/usr\/share\/polkit-1\/rules\.d\/50-netevd\.rules/,
    ],
    [name, 'org.freedesktop.DBus.Error.AccessDenied', '', /^systemd-hostnamed .*SetHostname.* polkitd/],
    [
      dns,
      'org.freedesktop.DBus.Error.ServiceUnknown',
      '',
      /^systemd-resolved .*DNS servers .*backends\.dhclient\.use_dns/,
    ],
    [
      name,
      'org.freedesktop.DBus.Error.ServiceUnknown',
      '',
      /^systemd-hostnamed .*backends\.dhclient\.use_hostname/,
    ],
    [
      domains,
      'org.freedesktop.resolve1.LinkBusy',
      'Link is loopback',
      /^systemd-networkd .*SetLinkDomains .*\(Link is loopback\)/,
    ],
    [
      dns,
      'netevd.TimedOut',
      'no answer within 10 s',
      /^systemd-resolved .*SetLinkDNS \(no answer within 10 s\)/,
    ],
    [
      domains,
      'org.freedesktop.DBus.Error.InvalidArgs',
      'bad domain',
      /^systemd-networkd .*SetLinkDomains \(bad domain\)/,
    ],
    [dns, 'org.example.Odd', 'odd', /^systemd-resolved .*SetLinkDNS \(org\.example\.Odd: odd\)/],
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

  test('the line contains the file that overrides the host name of a lease', () => {
    const line = resolverLine({ key: 'x', kind: 'overruled', name: 'printer', staticName: 'fixed' });
    expect(line.message).toMatch(/'printer' .*'fixed' in \/etc\/hostname/);
  });
});
