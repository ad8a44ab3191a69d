/** What a service manager sees: ready, alive, reloading, stopping; and that a reload loses nothing. */
import { describe, expect, test } from 'bun:test';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadNative } from '../../src/platform/native.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { CarrierMonitor } from './carrier-monitor.ts';
import { Site } from './daemon-under-test.ts';
import { Cable, ip } from './links.ts';
import { hasSeen } from './network-as-told.ts';
import { NotifySocket } from './notify-socket.ts';

describe('the service manager', () => {
  for (const [what, address] of [
    ['by a path', (site: Site) => join(site.root, 'notify')],
    ['by an abstract name', (site: Site) => `@netevd-${site.root}`],
  ] as const) {
    test(`logs the whole activity, ${what}`, async () => {
      using site = new Site();
      using manager = await new NotifySocket(address(site)).ready();
      await using daemon = await site.start({ env: { NOTIFY_SOCKET: manager.path } });
      const asked = Number(loadNative().monotonicMicros());
      daemon.signal('SIGHUP');
      await daemon.logged({ messageId: 'configReloaded' });
      await daemon.stop();
      await waitUntil('the last notification', () => manager.story.includes('EXTEND_TIMEOUT_USEC'));
      expect(manager.story).toEqual(['READY', 'RELOADING', 'READY', 'STOPPING', 'EXTEND_TIMEOUT_USEC']);
      const [ready] = manager.of('READY');
      expect(ready?.assignments['STATUS']).toMatch(/^watching \d+ of \d+ links$/);
      const [reloading] = manager.of('RELOADING');
      const said = Number(reloading?.assignments['MONOTONIC_USEC']);
      expect([asked <= said, said <= (reloading?.at ?? 0)]).toEqual([true, true]);
    });
  }

  test('the service manager gets the end of a reload also if it was refused', async () => {
    using site = new Site();
    using manager = await new NotifySocket(join(site.root, 'notify')).ready();
    await using daemon = await site.start({ env: { NOTIFY_SOCKET: manager.path } });
    writeFileSync(site.configFile, 'hooks: [\n');
    daemon.signal('SIGHUP');
    await daemon.logged({ messageId: 'configRejected' });
    await waitUntil('the end of the reload', () => manager.story.length === 3);
    expect(manager.story).toEqual(['READY', 'RELOADING', 'READY']);
  });

  test('the service manager gets watchdog messages from the loop, and none while it hangs', async () => {
    using site = new Site();
    using manager = await new NotifySocket(join(site.root, 'notify')).ready();
    const env = { NOTIFY_SOCKET: manager.path, WATCHDOG_USEC: '800000' };
    await using daemon = await site.start({ env });
    const beats = (): number => manager.of('WATCHDOG').length;
    await waitUntil('some beats', () => beats() > 8);
    const gaps = manager.of('WATCHDOG').map(({ at }, i, all) => at - (all[i - 1]?.at ?? at));
    // Half of its time, as sd_watchdog_enabled(3) wants; the median, since a busy machine may hold up any of them.
    expect(gaps.toSorted((a, b) => a - b)[gaps.length >> 1]).toBeLessThanOrEqual(400_000);
    daemon.signal('SIGSTOP');
    let silence = { beats: beats(), since: performance.now() };
    await waitUntil('a silence longer than the watchdog waits', () => {
      // Some may have been under way.
      if (beats() !== silence.beats) silence = { beats: beats(), since: performance.now() };
      return performance.now() - silence.since > 1000;
    });
    daemon.signal('SIGCONT');
    await waitUntil('another beat', () => beats() > silence.beats);
  });

  test('is not spoken to where the watchdog is for another process', async () => {
    using site = new Site();
    using manager = await new NotifySocket(join(site.root, 'notify')).ready();
    const env = { NOTIFY_SOCKET: manager.path, WATCHDOG_USEC: '100000', WATCHDOG_PID: '1' };
    await using daemon = await site.start({ env });
    daemon.signal('SIGHUP');
    await daemon.logged({ messageId: 'configReloaded' });
    expect(manager.of('WATCHDOG')).toEqual([]);
  });
});

describe('a reload', () => {
  test('a reload logs the changed sections', async () => {
    using site = new Site();
    await using daemon = await site.start();
    daemon.signal('SIGHUP');
    await daemon.logged({ messageId: 'configReloaded', changed: [] });
    site.configure({ routing: { table_base: 300 }, hooks: { directory: site.hooks, timeout_sec: 7 } });
    daemon.signal('SIGHUP');
    await daemon.logged({ messageId: 'configReloaded', changed: ['hooks', 'routing'] });
    site.configure({
      system: { user: 'root', log_format: 'json', runtime_directory: '/run/elsewhere', log_level: 'debug' },
    });
    daemon.signal('SIGHUP');
    await daemon.logged({ key: 'system.runtime_directory' });
  });

  test('a refused reload logs every error and changes nothing', async () => {
    using site = new Site();
    site.record('carrier');
    await using daemon = await site.start();
    site.configure({
      hooks: { directory: '/nowhere', timeout_sec: 'long', max_parallel: 0 },
      colour: { blue: 1 },
    });
    daemon.signal('SIGHUP');
    await daemon.logged({ messageId: 'configRejected', errors: 3 });
    const errors = daemon.log.filter(({ level }) => level === 'error').map(({ message }) => message);
    expect(errors.join('\n')).toMatch(/hooks\.timeout_sec/);
    expect(errors.join('\n')).toMatch(/hooks\.max_parallel/);
    expect(errors.join('\n')).toMatch(/colour/);
    using cable = new Cable('eth0', 1);
    cable.up();
    await cable.carrier('on');
    await waitUntil('the hook of the old configuration', () => site.told().includes('eth0 carrier'));
  });

  test('a reload without a file is refused', async () => {
    using site = new Site();
    site.record('carrier');
    await using daemon = await site.start();
    rmSync(site.configFile);
    daemon.signal('SIGHUP');
    await daemon.logged({ messageId: 'configRejected', errors: 1 });
    expect(daemon.lines({ error_code: 'NETEVD_CONFIG_FILE' })).toHaveLength(1);
    using cable = new Cable('eth0', 5);
    cable.up();
    await cable.carrier('on');
    await waitUntil('the hook of the old configuration', () => site.told().includes('eth0 carrier'));
  });

  test('takes effect at once: links, hooks, log', async () => {
    using site = new Site();
    site.record('carrier');
    await using daemon = await site.start({ config: { monitoring: { interfaces: ['none'] } } });
    using first = new Cable('eth0', 2);
    first.up();
    await first.carrier('on');
    await hasSeen(site, daemon, 'eth0', 'carrier');
    site.configure({ monitoring: { interfaces: ['eth*'] } });
    daemon.signal('SIGHUP');
    await daemon.logged({ messageId: 'configReloaded', changed: ['monitoring'] });
    using second = new Cable('eth1', 3);
    second.up();
    await second.carrier('on');
    await waitUntil('the second link', () => site.told().includes('eth1 carrier'));
    expect(site.told()).toEqual(['eth1 carrier']);
  });

  test('every 50 ms, right and wrong, in a storm loses no event and runs none twice', async () => {
    using site = new Site();
    site.record('carrier', 'no-carrier');
    using cable = new Cable('flap0', 4);
    cable.up();
    await cable.carrier('on');
    const settings = {
      monitoring: { interfaces: ['flap0'] },
      // The default would be passed on a slow machine, and events superseded as promised.
      hooks: { directory: site.hooks, on_start: 'never', queue_limit: 4096 },
    };
    await using daemon = await site.start({ config: settings });
    using monitor = new CarrierMonitor('flap0');
    await monitor.listening();
    let reloads = 0;
    const again = setInterval(() => {
      reloads++;
      if (reloads % 5 === 0) writeFileSync(site.configFile, 'hooks: {timeout_sec: never}\n');
      else
        site.configure({
          ...settings,
          hooks: { ...settings.hooks, max_parallel: 1 + (reloads % 7), debounce_ms: reloads % 90 },
        });
      daemon.signal('SIGHUP');
    }, 50);
    for (let i = 0; i < 150 || reloads < 20; i++) {
      cable.unplug();
      cable.plug();
      await new Promise(setImmediate);
    }
    clearInterval(again);
    ip('link set flap0 alias the-end');
    await monitor.printed('the-end');
    const expected = monitor.transitions().map((state) => `flap0 ${state}`);
    await waitUntil('all of them', () => site.told().length >= expected.length);
    await daemon.idle();
    expect(site.told()).toEqual(expected);
    expect(daemon.lines({ messageId: 'configReloaded' }).length).toBeGreaterThan(5);
    expect(daemon.lines({ messageId: 'configRejected' }).length).toBeGreaterThan(1);
    expect(expected.length).toBeGreaterThan(20);
  }, 60_000);
});
