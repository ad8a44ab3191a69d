import { expect, test } from 'bun:test';
import type { BusValue } from '../../wire/dbus/value.ts';
import { parseDhcpOptions } from './dhcp-options.ts';

const options = (of: Readonly<Record<string, BusValue>>): BusValue =>
  new Map(Object.entries(of).map(([name, value]) => [name, { signature: 's', value }]));

test.each<readonly [string, Readonly<Record<string, BusValue>>, object | undefined, number]>([
  ['none', {}, undefined, 0],
  [
    'what a server gives',
    {
      ip_address: '192.0.2.7',
      subnet_mask: '255.255.255.0',
      routers: '192.0.2.1 192.0.2.2',
      domain_name_servers: '192.0.2.53,192.0.2.54',
      domain_name: 'Lab.Example.',
      host_name: 'Box',
      dhcp_lease_time: '3600',
      expiry: '1795299349',
      dhcp_client_identifier: '01:02:00:00:00:00:01',
      requested_routers: '1',
      root_path: '/x',
    },
    {
      ip_address: '192.0.2.7',
      subnet_mask: '255.255.255.0',
      routers: '192.0.2.1 192.0.2.2',
      domain_name_servers: '192.0.2.53 192.0.2.54',
      domain_name: 'lab.example',
      host_name: 'Box',
      dhcp_lease_time: '3600',
      expiry: '1795299349',
      dhcp_client_identifier: '01:02:00:00:00:00:01',
    },
    0,
  ],
  [
    'what an attacker gives',
    {
      ip_address: '2001:db8::7',
      routers: '192.0.2.1 $(id)',
      domain_name: "x'; touch /tmp/x; '",
      host_name: 'a b',
      dhcp_lease_time: '0x10',
      dhcp_client_identifier: '../..',
      domain_search: '',
      interface_mtu: 1500,
    },
    undefined,
    6,
  ],
  [
    'of IPv6',
    {
      ip6_address: '2001:DB8::7',
      dhcp6_name_servers: '2001:db8::53',
      dhcp6_domain_search: 'a.example b.example',
    },
    {
      ip6_address: '2001:db8::7',
      dhcp6_name_servers: '2001:db8::53',
      dhcp6_domain_search: 'a.example b.example',
    },
    0,
  ],
])('options of a lease: %s', (_what, given, wanted, rejected) => {
  expect(parseDhcpOptions(options(given)) as unknown).toEqual({ options: wanted, rejected });
});
