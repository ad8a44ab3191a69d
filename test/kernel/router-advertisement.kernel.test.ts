/**
 * A default route by router advertisement: the kernel sets hop limit and MTU after it has reported the route, and tells
 * nobody. The status comes to rest within two seconds. Needs python3 to send the advertisement.
 */
import { afterEach, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { insideNamespace, ip } from './in-namespace.ts';
import { RoutingDaemon } from './routing-harness.ts';

/** RFC 4861: hop limit 64, lifetime 1800 s; MTU 1492; 2001:db8:77::/64 on-link and autonomous. */
const sender = `
import socket, struct
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
index = socket.if_nametoindex('peer')
ra = struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0)
ra += struct.pack('!BBHI', 5, 1, 0, 1492)
ra += struct.pack('!BBBBIII', 3, 4, 64, 0xc0, 86400, 14400, 0) + socket.inet_pton(socket.AF_INET6, '2001:db8:77::')
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
s.sendto(ra, ('ff02::1', 0, 0, index))
`;
const hasPython = spawnSync('python3', ['-c', ''], { stdio: 'ignore' }).status === 0;

function inRouter(command: readonly string[]): void {
  const done = spawnSync('nsenter', ['--net=/run/netns/router', ...command], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command[0]}: ${done.stderr}`);
}

function prepare(): void {
  if (!existsSync('/run/netevd-test')) {
    spawnSync('mount', ['-t', 'tmpfs', 'none', '/run']);
    mkdirSync('/run/netevd-test');
  }
  ip('netns add router');
  ip('link add up0 type veth peer name peer index 900 netns router');
  writeFileSync('/proc/sys/net/ipv6/conf/up0/accept_ra', '2');
  writeFileSync('/proc/sys/net/ipv6/conf/up0/accept_dad', '0');
  ip('link set up0 up');
  inRouter(['ip', 'link', 'set', 'peer', 'up']);
}

if (insideNamespace(import.meta.path)) {
  const daemons: RoutingDaemon[] = [];
  afterEach(async () => {
    for (const daemon of daemons.splice(0)) await daemon[Symbol.asyncDispose]();
    spawnSync('ip', ['link', 'delete', 'up0']);
    spawnSync('ip', ['netns', 'delete', 'router']);
  });

  test.skipIf(!hasPython)('the status is at rest two seconds after the route, with its metrics', async () => {
    prepare();
    const daemon = new RoutingDaemon({ links: ['up0'], rulePriority: 'auto' });
    daemons.push(daemon);
    const table = 200 + Number(ip('-o link show dev up0').split(':')[0]);
    const isDone = (): boolean => {
      const status = daemon.loop.snapshot().routing();
      const shown = spawnSync('ip', ['-6', 'route', 'show', 'table', String(table)], {
        encoding: 'utf8',
      }).stdout;
      return (
        daemon.isIdle &&
        status?.links[0]?.state === 'active' &&
        status.leftovers.length === 0 &&
        /default via fe80:\S+ .*mtu 1492 hoplimit 64/.test(shown)
      );
    };
    const usable = (): boolean => !ip('netns exec router ip -6 address show dev peer').includes('tentative');
    await waitUntil('a usable address of the router', usable);
    inRouter(['python3', '-c', sender]);
    await waitUntil('the route', () => ip('-6 route show').includes('proto ra'));
    await waitUntil('rest, with the metrics of the route', isDone, 2000);
    expect(daemon.notices).toEqual([]);
  });
}
