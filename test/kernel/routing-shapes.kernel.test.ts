/**
 * Every shape of address and gateway on the real kernel: what netevd asks for is what the kernel then tells, so that it comes to
 * rest, and the table says what it should.
 */
import { afterEach, describe, expect, test } from 'bun:test';
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { insideNamespace, ip } from './in-namespace.ts';
import { RoutingDaemon } from './routing-harness.ts';

/** Its index is the same in every test: the table is 200 more. */
const link = 'up0';
const table = 307;

interface Shape {
  readonly name: string;
  /** Routes name nexthop objects and nothing else: `net.ipv4.nexthop_compat_mode` is 0. */
  readonly namesObjects?: boolean;
  readonly setUp: readonly string[];
  /** Lines of `ip -4|-6 route show table 307`, without `proto` and what the kernel adds. */
  readonly ipv4?: readonly string[];
  readonly ipv6?: readonly string[];
}

const shapes: readonly Shape[] = [
  {
    name: 'an address of 32 bits and a gateway outside of it',
    setUp: ['address add 10.128.0.5/32 dev up0', 'route add default via 10.128.0.1 dev up0 onlink'],
    ipv4: ['default via 10.128.0.1 dev up0 onlink'],
  },
  {
    name: 'an address of 32 bits and a host route to the gateway',
    setUp: [
      'address add 10.128.0.5/32 dev up0',
      'route add 10.128.0.1 dev up0 scope link',
      'route add default via 10.128.0.1 dev up0',
    ],
    ipv4: ['10.128.0.1 dev up0 scope link', 'default via 10.128.0.1 dev up0'],
  },
  {
    name: 'a gateway of the other family',
    setUp: ['address add 10.1.0.5/24 dev up0', '-4 route add default via inet6 fe80::1 dev up0'],
    ipv4: ['10.1.0.0/24 dev up0 scope link', 'default via inet6 fe80::1 dev up0'],
  },
  {
    name: 'several ways with weights',
    setUp: [
      'address add 10.1.0.5/24 dev up0',
      'route add default nexthop via 10.1.0.1 dev up0 weight 3 nexthop via 10.1.0.2 dev up0 weight 1',
    ],
    ipv4: [
      '10.1.0.0/24 dev up0 scope link',
      'default nexthop via 10.1.0.1 dev up0 weight 3 nexthop via 10.1.0.2 dev up0 weight 1',
    ],
  },
  {
    name: 'several gateways with metrics',
    setUp: [
      'address add 10.1.0.5/24 dev up0',
      'route add default via 10.1.0.2 dev up0 metric 200',
      'route add default via 10.1.0.1 dev up0 metric 100',
    ],
    ipv4: [
      '10.1.0.0/24 dev up0 scope link',
      'default via 10.1.0.1 dev up0',
      'default via 10.1.0.2 dev up0 metric 1',
    ],
  },
  {
    name: 'metrics of the route, those that the kernel corrects among them',
    setUp: [
      'address add 10.1.0.5/24 dev up0',
      'route add default via 10.1.0.1 dev up0 mtu lock 1400 advmss 70000 initcwnd 20 hoplimit 44 features ecn congctl reno',
    ],
    ipv4: [
      '10.1.0.0/24 dev up0 scope link',
      'default via 10.1.0.1 dev up0 mtu lock 1400 advmss 65495 hoplimit 44 initcwnd 20',
    ],
  },
  {
    name: 'the other end of a point-to-point address',
    setUp: ['address add 10.64.0.2 peer 10.64.64.64/32 dev up0', 'route add default dev up0 scope link'],
    ipv4: ['10.64.64.64 dev up0 scope link', 'default dev up0 scope link'],
  },
  {
    name: 'a secondary address',
    setUp: [
      'address add 10.1.0.5/24 dev up0',
      'address add 10.1.0.6/24 dev up0',
      'route add default via 10.1.0.1 dev up0',
    ],
    ipv4: ['10.1.0.0/24 dev up0 scope link', 'default via 10.1.0.1 dev up0'],
  },
  {
    name: 'an address without a route of its own, as NetworkManager makes it',
    setUp: [
      'address add 10.1.0.5/24 dev up0 noprefixroute',
      'route add 10.1.0.0/24 dev up0 metric 100 src 10.1.0.5',
      'route add default via 10.1.0.1 dev up0 metric 100',
    ],
    ipv4: ['10.1.0.0/24 dev up0 scope link', 'default via 10.1.0.1 dev up0'],
  },
  {
    name: 'an exception for a container',
    setUp: [
      'address add 10.1.0.5/16 dev up0',
      'link add box0 type ifb',
      'link set box0 up',
      'route add 10.1.7.0/24 dev box0',
      'route add default via 10.1.0.1 dev up0',
    ],
    ipv4: ['10.1.0.0/16 dev up0 scope link', 'default via 10.1.0.1 dev up0', 'throw 10.1.7.0/24'],
  },
  {
    name: 'a next-hop object',
    setUp: [
      'address add 10.1.0.5/24 dev up0',
      'nexthop add id 5 via 10.1.0.1 dev up0',
      'route add default nhid 5',
    ],
    ipv4: ['10.1.0.0/24 dev up0 scope link', 'default via 10.1.0.1 dev up0'],
  },
  {
    name: 'a group of next-hop objects',
    setUp: [
      'address add 10.1.0.5/24 dev up0',
      'nexthop add id 5 via 10.1.0.1 dev up0',
      'nexthop add id 6 via 10.1.0.2 dev up0',
      'nexthop add id 7 group 5,2/6,1',
      'route add default nhid 7',
    ],
    ipv4: [
      '10.1.0.0/24 dev up0 scope link',
      'default nexthop via 10.1.0.1 dev up0 weight 2 nexthop via 10.1.0.2 dev up0 weight 1',
    ],
  },
  {
    name: 'IPv6 with a link-local gateway',
    setUp: [
      'address add 2001:db8:1::5/64 dev up0 nodad',
      '-6 route add default via fe80::1 dev up0 metric 600',
    ],
    ipv6: ['2001:db8:1::/64 dev up0 metric 256', 'default via fe80::1 dev up0 metric 1024'],
  },
  {
    name: 'IPv6 with an address of 128 bits and a global gateway',
    setUp: [
      'address add 2001:db8:1::5/128 dev up0 nodad',
      '-6 route add default via 2001:db8:9::1 dev up0 onlink metric 600',
    ],
    ipv6: ['default via 2001:db8:9::1 dev up0 metric 1024 onlink'],
  },
  {
    name: 'IPv6 with two routers of one metric',
    setUp: [
      'address add 2001:db8:1::5/64 dev up0 nodad',
      '-6 route add default via fe80::1 dev up0 metric 600',
      '-6 route append default via fe80::2 dev up0 metric 600',
    ],
    ipv6: [
      '2001:db8:1::/64 dev up0 metric 256',
      'default metric 1024 nexthop via fe80::1 dev up0 weight 1 nexthop via fe80::2 dev up0 weight 1',
    ],
  },
  {
    name: 'IPv6 metrics, as a router advertises them',
    setUp: [
      'address add 2001:db8:1::5/64 dev up0 nodad',
      '-6 route add default via fe80::1 dev up0 metric 600 hoplimit 64 mtu 1400 pref high',
    ],
    ipv6: [
      '2001:db8:1::/64 dev up0 metric 256',
      'default via fe80::1 dev up0 metric 1024 mtu 1400 hoplimit 64',
    ],
  },
  {
    name: 'IPv6 from one prefix alone, as with several uplinks',
    setUp: [
      'address add 2001:db8:1::5/64 dev up0 nodad',
      '-6 route add default from 2001:db8:1::/64 via fe80::1 dev up0 metric 600',
    ],
    ipv6: ['2001:db8:1::/64 dev up0 metric 256', 'default via fe80::1 dev up0 metric 1024'],
  },
  {
    name: 'an exception in IPv6',
    setUp: [
      'address add 2001:db8:1::5/56 dev up0 nodad',
      '-6 route add 2001:db8:1:7::/64 dev lo metric 5',
      '-6 route add default via fe80::1 dev up0',
    ],
    ipv6: [
      '2001:db8:1::/56 dev up0 metric 256',
      'default via fe80::1 dev up0 metric 1024',
      'throw 2001:db8:1:7::/64 dev lo metric 256',
    ],
  },
  {
    name: 'a next-hop object that the kernel does not spell out',
    namesObjects: true,
    setUp: [
      'address add 198.51.100.7/24 dev up0',
      'nexthop add id 10 via 198.51.100.1 dev up0',
      'route add default nhid 10',
    ],
    ipv4: ['198.51.100.0/24 dev up0 scope link', 'default via 198.51.100.1 dev up0'],
  },
  {
    name: 'a group that the kernel does not spell out',
    namesObjects: true,
    setUp: [
      'address add 10.1.0.5/24 dev up0',
      'nexthop add id 5 via 10.1.0.1 dev up0',
      'nexthop add id 6 via 10.1.0.2 dev up0',
      'nexthop add id 7 group 5,2/6,1',
      'route add default nhid 7',
    ],
    ipv4: [
      '10.1.0.0/24 dev up0 scope link',
      'default nexthop via 10.1.0.1 dev up0 weight 2 nexthop via 10.1.0.2 dev up0 weight 1',
    ],
  },
  {
    name: 'an object that is replaced',
    namesObjects: true,
    setUp: [
      'address add 10.1.0.5/24 dev up0',
      'nexthop add id 5 via 10.1.0.1 dev up0',
      'route add default nhid 5',
      'nexthop replace id 5 via 10.1.0.9 dev up0',
    ],
    ipv4: ['10.1.0.0/24 dev up0 scope link', 'default via 10.1.0.9 dev up0'],
  },
  {
    name: 'an IPv6 object that the kernel does not spell out',
    namesObjects: true,
    setUp: [
      'address add 2001:db8:1::5/64 dev up0 nodad',
      'nexthop add id 8 via fe80::1 dev up0',
      '-6 route add default nhid 8',
    ],
    ipv6: ['2001:db8:1::/64 dev up0 metric 256', 'default via fe80::1 dev up0 metric 1024'],
  },
  {
    name: 'neighbours that only the router reaches',
    setUp: [
      'address add 203.0.113.5/26 dev up0',
      'route add default via 203.0.113.1 dev up0',
      'route prepend 203.0.113.0/26 via 203.0.113.1 dev up0',
    ],
    ipv4: ['203.0.113.0/26 via 203.0.113.1 dev up0 onlink', 'default via 203.0.113.1 dev up0 onlink'],
  },
  {
    name: 'the same without the route of the kernel',
    setUp: [
      'address add 203.0.113.5/26 dev up0',
      'route add default via 203.0.113.1 dev up0',
      'route add 203.0.113.0/26 via 203.0.113.1 dev up0 metric 5',
      'route del 203.0.113.0/26 dev up0 proto kernel',
    ],
    ipv4: ['203.0.113.0/26 via 203.0.113.1 dev up0 onlink', 'default via 203.0.113.1 dev up0 onlink'],
  },
  {
    name: 'IPv6 neighbours that only the router reaches',
    setUp: [
      'address add 2001:db8:1::5/64 dev up0 nodad',
      '-6 route add default via fe80::1 dev up0',
      '-6 route add 2001:db8:1::/64 via fe80::1 dev up0 metric 100',
    ],
    ipv6: ['2001:db8:1::/64 via fe80::1 dev up0 metric 256', 'default via fe80::1 dev up0 metric 1024'],
  },
  {
    name: 'two halves in the place of a default route',
    setUp: [
      'address add 10.1.0.5/24 dev up0',
      'route add 0.0.0.0/1 via 10.1.0.1 dev up0',
      'route add 128.0.0.0/1 via 10.1.0.1 dev up0',
    ],
    ipv4: ['10.1.0.0/24 dev up0 scope link', 'default via 10.1.0.1 dev up0'],
  },
  {
    name: 'a service address that is deprecated on purpose',
    setUp: [
      'address add 2001:db8:9::9/128 dev up0 nodad preferred_lft 0',
      '-6 route add default via fe80::1 dev up0',
    ],
    ipv6: ['default via fe80::1 dev up0 metric 1024'],
  },
  {
    name: 'a gateway that only another table knows',
    setUp: ['address add 10.1.0.5/24 dev up0', 'route add default via 10.1.0.1 dev up0 table 900'],
    ipv4: ['10.1.0.0/24 dev up0 scope link', 'default via 10.1.0.1 dev up0'],
  },
];

/** What the test is not about: the maker, and flags of the moment. */
const noise = / (proto \S+|pref \S+|linkdown|dead|onlink(?= .*onlink))/g;

function shown(family: 4 | 6): readonly string[] {
  const run = spawnSync('ip', [`-${family}`, 'route', 'show', 'table', String(table)], { encoding: 'utf8' });
  return run.stdout
    .replaceAll('\n\t', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ` ${line} `.replaceAll(noise, '').replaceAll(/\s+/g, ' ').trim())
    .toSorted((a, b) => (a < b ? -1 : 1));
}

/** In tables 900 and main nothing of a test may stay. */
function clean(): void {
  for (const words of [
    `link delete ${link}`,
    'link delete box0',
    'nexthop flush',
    'rule flush proto 157',
    '-6 rule flush proto 157',
    'route flush table 900',
  ]) {
    spawnSync('ip', words.split(' '), { stdio: 'ignore' });
  }
  spawnSync('ip', ['route', 'flush', 'table', 'main'], { stdio: 'ignore' });
  spawnSync('ip', ['-6', 'route', 'flush', 'table', 'main'], { stdio: 'ignore' });
}

if (insideNamespace(import.meta.path)) {
  const daemons: RoutingDaemon[] = [];
  const prepare = (): RoutingDaemon => {
    clean();
    writeFileSync('/proc/sys/net/ipv6/conf/default/accept_dad', '0');
    ip(`link add ${link} index 107 type ifb`);
    ip(`link set ${link} up`);
    const daemon = new RoutingDaemon({ links: [link] });
    daemons.push(daemon);
    return daemon;
  };
  afterEach(async () => {
    for (const daemon of daemons.splice(0)) await daemon[Symbol.asyncDispose]();
    clean();
  });

  /** Whether all that is wanted is there, and nothing else, by the daemon's own account. */
  const isComplete = (daemon: RoutingDaemon): boolean => {
    const status = daemon.loop.snapshot().routing();
    const families = status?.links.flatMap((one) => one.families) ?? [];
    return (
      daemon.isIdle &&
      status?.leftovers.length === 0 &&
      families.length > 0 &&
      families.every((family) => family.state === 'active')
    );
  };

  describe('comes to rest with', () => {
    test.each(shapes.map((shape) => [shape.name, shape] as const))('%s', async (_, shape) => {
      const daemon = prepare();
      writeFileSync('/proc/sys/net/ipv4/nexthop_compat_mode', shape.namesObjects === true ? '0' : '1');
      for (const words of shape.setUp) ip(words);
      await waitUntil('a complete table', () => isComplete(daemon));
      expect({ ipv4: shown(4), ipv6: shown(6) }).toEqual({ ipv4: shape.ipv4 ?? [], ipv6: shape.ipv6 ?? [] });
      const done = daemon.outcomes.length;
      // A next start finds everything as it would make it.
      const again = new RoutingDaemon({ links: [link] });
      daemons.push(again);
      await waitUntil('the first reading of another', () => again.isIdle && isComplete(again));
      expect(again.outcomes).toEqual([]);
      expect(daemon.outcomes.slice(done)).toEqual([]);
      expect(daemon.notices).toEqual([]);
    });
  });

  test('an address gets its rules when duplicate detection is over, and not before', async () => {
    prepare();
    writeFileSync(`/proc/sys/net/ipv6/conf/${link}/accept_dad`, '1');
    const monitor = spawn('ip', ['-o', '-6', 'monitor', 'address', 'rule'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let told = '';
    monitor.stdout.on('data', (chunk: Buffer) => {
      told += chunk.toString();
    });
    try {
      await waitUntil('the monitor', () => {
        ip('-6 rule add priority 9 lookup 9');
        ip('-6 rule delete priority 9');
        return told !== '';
      });
      ip('address add 2001:db8:1::5/64 dev up0');
      await waitUntil('the rules', () => told.includes('to 2001:db8:1::5'));
    } finally {
      monitor.kill();
    }
    const lines = told.split('\n').filter((line) => line.includes('2001:db8:1::5'));
    const usable = lines.findIndex((line) => line.includes('inet6') && !line.includes('tentative'));
    const rules = lines.findIndex((line) => line.includes('lookup'));
    expect(lines[0]).toContain('tentative');
    expect(usable).toBeGreaterThan(0);
    expect(rules).toBeGreaterThan(usable);
  });

  test('renumbering: the new prefix is complete, and the old one gone', async () => {
    const daemon = prepare();
    ip('address add 10.1.0.5/24 dev up0');
    ip('route add default via 10.1.0.1 dev up0');
    await waitUntil('the old one', () => isComplete(daemon));
    ip('address add 10.2.0.5/24 dev up0');
    ip('route replace default via 10.2.0.1 dev up0');
    ip('address delete 10.1.0.5/24 dev up0');
    await waitUntil(
      'the new one',
      () => isComplete(daemon) && shown(4).includes('default via 10.2.0.1 dev up0'),
    );
    expect(shown(4)).toEqual(['10.2.0.0/24 dev up0 scope link', 'default via 10.2.0.1 dev up0']);
    expect(ip('rule show')).not.toContain('10.1.0.5');
  });
}
