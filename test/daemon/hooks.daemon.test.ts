/** Issue's walk-through of a new user: hooks of one's own on a veth pair, right and wrong. */
import { describe, expect, test } from 'bun:test';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { CarrierMonitor } from './carrier-monitor.ts';
import { Site } from './daemon-under-test.ts';
import { Cable, ip } from './links.ts';

describe('hooks of a link', () => {
  test('run once for each thing that happens to it, in order, with real values', async () => {
    using site = new Site();
    site.record(
      'link-added',
      'carrier',
      'no-carrier',
      'routable',
      'configured',
      'address-added',
      'link-removed',
    );
    await using daemon = await site.start({ config: { monitoring: { interfaces: ['eth0'] } } });
    using cable = new Cable('eth0', 1);
    ip('link set eth0 addrgenmode none');
    cable.up();
    cable.plug();
    ip('addr add 192.0.2.10/24 dev eth0');
    await waitUntil('the address to be told', () => site.told().includes('eth0 address-added'));
    ip('link del eth0');
    await waitUntil('the removal to be told', () => site.told().includes('eth0 link-removed'));
    expect(site.told()).toEqual([
      'eth0 link-added',
      'eth0 no-carrier',
      'eth0 carrier',
      'eth0 routable',
      'eth0 configured',
      'eth0 address-added',
      'eth0 link-removed',
    ]);
    const routable = site.recorded().find(({ directory }) => directory === 'routable');
    expect(routable?.environment).toMatchObject({
      LINK: 'eth0',
      LINKINDEX: '1001',
      STATE: 'routable',
      EVENT: 'routable',
      BACKEND: 'kernel',
      GENERATOR: 'kernel',
      PREVIOUS_STATE: 'carrier',
      ADDRESSES: '192.0.2.10',
      MTU: '1500',
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    });
    const json = JSON.parse(routable?.stdin ?? '') as Record<string, unknown>;
    expect(json).toMatchObject({
      schema: 'netevd.event.v1',
      Name: 'eth0',
      MTU: 1500,
      Driver: 'veth',
      Index: 1001,
    });
    expect(JSON.parse(routable?.environment['JSON'] ?? '')).toEqual(json);
    expect(await daemon.stop()).toBe(0);
  });

  test('hooks run for every loss and gain of carrier that the kernel reports, at any speed', async () => {
    using site = new Site();
    site.record('carrier', 'no-carrier');
    using cable = new Cable('flap0', 2);
    cable.up();
    cable.plug();
    await using daemon = await site.start({
      config: { monitoring: { interfaces: ['flap0'] }, hooks: { directory: site.hooks, on_start: 'never' } },
    });
    using monitor = new CarrierMonitor('flap0');
    await monitor.listening();
    for (let i = 0; i < 100; i++) {
      cable.unplug();
      cable.plug();
    }
    ip('link set flap0 alias the-end');
    await monitor.printed('the-end');
    const expected = monitor.transitions().map((state) => `flap0 ${state}`);
    await waitUntil('all of them', () => site.told().length >= expected.length);
    expect(site.told()).toEqual(expected);
    expect(expected.length).toBeGreaterThan(20);
    expect(await daemon.stop()).toBe(0);
  });

  test('one that hangs holds up no other link, and is killed with its children', async () => {
    using site = new Site();
    const children = join(site.root, 'children');
    site.hook(
      'carrier',
      '10-hangs',
      `#!/bin/sh\n[ "$LINK" = slow0 ] || exit 0\nsleep 1000 & echo $! >${children}\nwait\n`,
    );
    site.record('carrier');
    const hooks = { directory: site.hooks, timeout_sec: 1, kill_grace_sec: 1 };
    await using daemon = await site.start({ config: { hooks } });
    using slow = new Cable('slow0', 3);
    slow.up();
    slow.plug();
    await waitUntil('the hook to hang', () => statSync(children, { throwIfNoEntry: false }) !== undefined);
    using quick = new Cable('quick0', 4);
    quick.up();
    quick.plug();
    await waitUntil('the other link', () => site.told().includes('quick0 carrier'));
    await daemon.logged({ messageId: 'hookTimedOut', interface: 'slow0', script: /10-hangs$/ });
    const child = readFileSync(children, 'utf8').trim();
    await waitUntil(
      'its child to be gone',
      () => statSync(`/proc/${child}`, { throwIfNoEntry: false }) === undefined,
    );
  });

  test('one that leaves a child with its output open has ended when it has ended', async () => {
    using site = new Site();
    site.hook('carrier', '10-leaves', '#!/bin/sh\nsleep 1000 &\necho started\n');
    site.record('carrier', 'no-carrier');
    await using daemon = await site.start();
    using cable = new Cable('eth1', 5);
    cable.up();
    cable.plug();
    cable.unplug();
    await waitUntil('the next event', () => site.told().includes('eth1 no-carrier'));
    await daemon.logged({ interface: 'eth1', script: /10-leaves$/, exit_code: 0 });
  });

  test('one that floods keeps its first part, and the daemon its memory', async () => {
    using site = new Site();
    site.hook('carrier', '10-floods', '#!/bin/sh\nyes flood | head -c 300000000\nexit 3\n');
    await using daemon = await site.start({
      config: { hooks: { directory: site.hooks, output_limit_kb: 4 } },
    });
    using cable = new Cable('eth2', 6);
    cable.up();
    cable.plug();
    await daemon.logged({ messageId: 'hookFailed', interface: 'eth2', exit_code: 3 });
    const status = readFileSync(`/proc/${daemon.pid}/status`, 'utf8');
    expect(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1])).toBeLessThan(150_000);
  });

  test('one that others may write to is refused, with the reason and the remedy', async () => {
    using site = new Site();
    site.hook('carrier', '10-open', '#!/bin/sh\ntouch /run/was-run\n', 0o777);
    site.record('carrier');
    await using daemon = await site.start();
    using cable = new Cable('eth3', 7);
    cable.up();
    cable.plug();
    await waitUntil('the good hook', () => site.told().includes('eth3 carrier'));
    await daemon.logged({ messageId: 'hookRefused', script: /10-open$/, message: /chmod go-w/ });
    expect(statSync('/run/was-run', { throwIfNoEntry: false })).toBeUndefined();
  });

  test('follow a link through a new name under load, by its index', async () => {
    using site = new Site();
    site.record('carrier', 'no-carrier');
    using cable = new Cable('old0', 8);
    cable.up();
    await using daemon = await site.start({
      config: { hooks: { directory: site.hooks, on_start: 'never' } },
    });
    for (let i = 0; i < 20; i++) {
      await cable.carrier('on');
      ip(`link set ${i % 2 === 0 ? 'old0' : 'new0'} name ${i % 2 === 0 ? 'new0' : 'old0'}`);
      await cable.carrier('off');
    }
    await waitUntil('forty events', () => site.recorded().length >= 40);
    const told = site.recorded();
    expect(told.map(({ directory }) => directory)).toEqual(
      Array.from({ length: 20 }, () => ['carrier', 'no-carrier']).flat(),
    );
    expect(new Set(told.map(({ environment }) => environment['LINKINDEX']))).toEqual(new Set(['1008']));
    expect(daemon.log.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
