/** The events of a start, its journal, and hooks that an earlier daemon left running. */
import { describe, expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { type DaemonUnderTest, Site } from './daemon-under-test.ts';
import { Cable, ip } from './links.ts';

const all = [
  'link-added',
  'link-removed',
  'carrier',
  'no-carrier',
  'routable',
  'configured',
  'address-added',
  'address-removed',
  'mtu',
  'routes',
  'manager',
];
const only = (onStart: 'changed' | 'replay' | 'never', site: Site): Readonly<Record<string, unknown>> => ({
  monitoring: { interfaces: ['eth*'] },
  hooks: { directory: site.hooks, on_start: onStart },
});

type Recorded = ReturnType<Site['recorded']>[number];

const idOf = ({ environment }: Recorded): string => environment['NETEVD_EVENT_ID'] ?? '';

/** `link directory` of a run, with `initial` if the hook had NETEVD_INITIAL=1. */
const toldOf = ({ directory, environment }: Recorded): string =>
  [environment['LINK'] ?? 'host', directory, environment['NETEVD_INITIAL'] === '1' ? 'initial' : '']
    .filter(Boolean)
    .join(' ');

/** The runs that were recorded since `from`. */
const toldSince = (site: Site, from: number): string[] => site.recorded().slice(from).map(toldOf);

/** Starts, lets everything run, and ends as the test wants. */
async function once(
  site: Site,
  config: Readonly<Record<string, unknown>>,
  end: 'stop' | 'kill',
): Promise<DaemonUnderTest> {
  const daemon = await site.start({ config });
  await daemon.idle();
  await daemon[end]();
  return daemon;
}

/** Why journals could not be used. */
const brokenJournals = (daemon: DaemonUnderTest): unknown[] =>
  daemon.lines({ messageId: 'stateBroken' }).map(({ reason }) => reason);

async function eth0(index: number): Promise<Cable> {
  const cable = new Cable('eth0', index);
  ip('link set eth0 addrgenmode none');
  cable.up();
  await cable.carrier('on');
  ip('addr add 192.0.2.10/24 dev eth0');
  return cable;
}

describe('hooks.on_start', () => {
  test('changed: the present states at boot, nothing where nothing has changed, else the difference', async () => {
    using site = new Site();
    site.record(...all);
    using cable = await eth0(1);
    await once(site, only('changed', site), 'kill');
    expect(toldSince(site, 0)).toEqual([
      'eth0 carrier initial',
      'eth0 routable initial',
      'eth0 configured initial',
    ]);
    let before = site.recorded().length;
    for (const end of ['stop', 'kill'] as const) {
      await once(site, only('changed', site), end);
      expect(toldSince(site, before)).toEqual([]);
    }
    ip('addr add 192.0.2.11/32 dev eth0');
    ip('link set eth0 mtu 1400');
    await cable.carrier('off');
    await once(site, only('changed', site), 'stop');
    expect(toldSince(site, before)).toEqual([
      'eth0 no-carrier initial',
      'eth0 address-added initial',
      'eth0 mtu initial',
      'host manager initial',
    ]);
    before = site.recorded().length;
    ip('link del eth0');
    await once(site, only('changed', site), 'stop');
    expect(toldSince(site, before)).toEqual([
      'eth0 address-removed initial',
      'eth0 routes initial',
      'eth0 link-removed initial',
      'host manager initial',
    ]);
  });

  test('replay: the states of every link at each start, beside what has changed', async () => {
    using site = new Site();
    site.record(...all);
    using _cable = await eth0(2);
    await once(site, only('replay', site), 'stop');
    const before = site.recorded().length;
    ip('addr add 192.0.2.11/32 dev eth0');
    await once(site, only('replay', site), 'stop');
    expect(toldSince(site, before)).toEqual([
      'eth0 carrier initial',
      'eth0 routable initial',
      'eth0 configured initial',
      'eth0 address-added initial',
    ]);
  });

  test('never: nothing at the start, and everything from then on', async () => {
    using site = new Site();
    site.record(...all);
    using cable = await eth0(3);
    await once(site, only('never', site), 'stop');
    await cable.carrier('off');
    await using daemon = await site.start({ config: only('never', site) });
    await daemon.idle();
    expect(toldSince(site, 0)).toEqual([]);
    await cable.carrier('on');
    await waitUntil('the next event', () => toldSince(site, 0).includes('eth0 routable'));
    expect(toldSince(site, 0)[0]).toBe('eth0 carrier');
  });
});

const present = ['eth0 carrier initial', 'eth0 routable initial', 'eth0 configured initial'];

const bookOf = (site: Site): string => join(site.runtime, 'journal');

/** Replaces the first line of the journal, with a valid checksum. */
function rewriteFirstLine(
  site: Site,
  change: (opened: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): void {
  const [first = '', ...others] = readFileSync(bookOf(site), 'utf8').split('\n');
  const text = JSON.stringify(change(JSON.parse(first.slice(9)) as Record<string, unknown>));
  const checksum = Bun.hash.crc32(text).toString(16).padStart(8, '0');
  writeFileSync(bookOf(site), [`${checksum} ${text}`, ...others].join('\n'));
}

describe('the kept state', () => {
  test('of another network or boot is not used, and its records keep their names for themselves', async () => {
    using site = new Site();
    site.record(...all);
    using _cable = await eth0(4);
    await once(site, only('changed', site), 'stop');
    const before = new Set(site.recorded().map(idOf));
    rewriteFirstLine(site, (opened) => ({ ...opened, context: 'another boot net:[1]' }));
    const broken = brokenJournals(await once(site, only('changed', site), 'stop'));
    expect(broken).toEqual([]);
    const since = site.recorded().filter((run) => !before.has(idOf(run)));
    expect(since.map(toldOf)).toEqual(present);
    expect(new Set(site.recorded().map(idOf)).size).toBe(before.size + since.length);
  });

  test('a journal that another program changed is quarantined, and the start is like the first', async () => {
    using site = new Site();
    site.record(...all);
    using _cable = await eth0(12);
    await once(site, only('changed', site), 'stop');
    writeFileSync(bookOf(site), readFileSync(bookOf(site), 'utf8').replace('eth0', 'eth9'));
    const broken = brokenJournals(await once(site, only('changed', site), 'stop'));
    expect(broken).toEqual([expect.stringMatching(/^line \d+ was not written by netevd$/)]);
    expect(site.recorded()).toHaveLength(6);
    expect(existsSync(join(site.runtime, 'journal.broken'))).toBe(true);
  });

  test('that was cut off in its last line is as good as whole', async () => {
    using site = new Site();
    site.record(...all);
    using _cable = await eth0(5);
    await once(site, only('changed', site), 'kill');
    const before = site.recorded().length;
    truncateSync(bookOf(site), statSync(bookOf(site)).size - 1);
    const broken = brokenJournals(await once(site, only('changed', site), 'stop'));
    expect(broken).toEqual([]);
    expect(toldSince(site, before)).toEqual([]);
  });

  test('of a first start that was killed before it had read the network is none', async () => {
    using earlier = new Site();
    using _cable = await eth0(6);
    await once(earlier, only('changed', earlier), 'kill');
    using site = new Site();
    site.record(...all);
    // What it leaves that ends right after it has begun its book.
    const [first = ''] = readFileSync(bookOf(earlier), 'utf8').split('\n');
    expect(first).toContain('"complete":false');
    writeFileSync(bookOf(site), `${first}\n`);
    await once(site, only('changed', site), 'stop');
    expect(toldSince(site, 0)).toEqual(present);
  });
});

describe('a dry run', () => {
  test('a dry run logs what would run, works beside the daemon, and does not change its state', async () => {
    using site = new Site();
    site.record(...all);
    using cable = await eth0(7);
    await using daemon = await site.start({ config: only('changed', site) });
    await daemon.idle();
    const files = readdirSync(site.runtime);
    const journal = readFileSync(bookOf(site), 'utf8');
    const before = site.recorded().length;
    await using dry = await site.start({ config: only('replay', site), args: ['--dry-run'] });
    await dry.logged({ component: 'dry-run', event: 'routable' });
    await dry.stop();
    expect(site.recorded()).toHaveLength(before);
    expect(readdirSync(site.runtime)).toEqual(files);
    expect(readFileSync(bookOf(site), 'utf8')).toBe(journal);
    await cable.carrier('off');
    await waitUntil('the daemon itself', () => toldSince(site, before).includes('eth0 no-carrier'));
  });
});

describe('a hook that runs when the daemon is killed', () => {
  const settings = (site: Site, timeout = 30): Readonly<Record<string, unknown>> => ({
    monitoring: { interfaces: ['eth*'] },
    hooks: { directory: site.hooks, on_start: 'never', timeout_sec: timeout, kill_grace_sec: 0.2 },
  });
  const waitForFile = (path: string): Promise<true> => waitUntil(path, () => existsSync(path));
  const waitForText = (path: string): Promise<true> =>
    waitUntil(path, () => existsSync(path) && statSync(path).size > 0);

  test('is reported and waited for: what comes next for its link comes after it, and other links do not wait', async () => {
    using site = new Site();
    const [began, goOn] = [join(site.root, 'began'), join(site.root, 'go-on')];
    site.hook(
      'no-carrier',
      '10-long',
      `#!/bin/sh\n[ "$LINK" = eth0 ] || exit 0\necho x >>${began}\nwhile [ ! -e ${goOn} ]; do sleep 0.01; done\n`,
    );
    site.record('carrier', 'no-carrier');
    using cable = new Cable('eth0', 8);
    cable.up();
    await cable.carrier('on');
    const first = await site.start({ config: settings(site) });
    await cable.carrier('off');
    await waitForText(began);
    await first.kill();
    await cable.carrier('on');
    await using daemon = await site.start({
      config: { ...settings(site), hooks: { ...(settings(site)['hooks'] as object), on_start: 'changed' } },
    });
    await daemon.logged({ unfinished: 'running', script: /10-long$/, interface: 'eth0' });
    using other = new Cable('eth1', 9);
    other.up();
    await other.carrier('on');
    await waitUntil('the other link', () => site.told().includes('eth1 carrier'));
    expect(site.told().filter((line) => line.startsWith('eth0'))).toEqual(['eth0 no-carrier']);
    writeFileSync(goOn, '');
    await waitUntil('the next event', () => site.told().includes('eth0 carrier'));
    expect(site.told().filter((line) => line.startsWith('eth0'))).toEqual([
      'eth0 no-carrier',
      'eth0 carrier',
    ]);
    await daemon.logged({ script: /no-carrier\.d\/10-long$/, outcome: 'unseen' });
    expect(readFileSync(began, 'utf8')).toBe('x\n');
  });

  test('has no more time than others: then it is ended, with its children', async () => {
    using site = new Site();
    const child = join(site.root, 'child');
    site.hook(
      'carrier',
      '10-hangs',
      `#!/bin/sh\ntrap '' TERM\nsleep 1000 & echo $! >${child}\nwhile :; do sleep 0.01; done\n`,
    );
    site.hook('carrier', '20-next', `#!/bin/sh\ntouch ${join(site.root, 'next')}\n`);
    const first = await site.start({ config: settings(site, 3) });
    using cable = new Cable('eth0', 10);
    cable.up();
    await cable.carrier('on');
    await waitForText(child);
    await first.kill();
    await using daemon = await site.start({ config: settings(site, 3) });
    await daemon.logged({ messageId: 'hookTimedOut', script: /10-hangs$/ });
    await waitForFile(join(site.root, 'next'));
    const pid = readFileSync(child, 'utf8').trim();
    await waitUntil('its child to be gone', () => !existsSync(`/proc/${pid}`));
  });

  test('and that has ended meanwhile is reported, and not run again', async () => {
    using site = new Site();
    const [began, goOn] = [join(site.root, 'began'), join(site.root, 'go-on')];
    site.hook(
      'carrier',
      '10-long',
      `#!/bin/sh\necho $$ >>${began}\nwhile [ ! -e ${goOn} ]; do sleep 0.01; done\n`,
    );
    const first = await site.start({ config: settings(site) });
    using cable = new Cable('eth0', 11);
    cable.up();
    await cable.carrier('on');
    await waitForText(began);
    await first.kill();
    writeFileSync(goOn, '');
    const pid = readFileSync(began, 'utf8').trim();
    await waitUntil('its end', () => !existsSync(`/proc/${pid}`));
    await using daemon = await site.start({ config: settings(site) });
    await daemon.logged({ script: /carrier\.d\/10-long$/, outcome: 'unseen' });
    await daemon.idle();
    expect(readFileSync(began, 'utf8').trim()).toBe(pid);
  });
});
