import { beforeEach, describe, expect, test } from 'bun:test';
import type { Fact } from '../../core/model/fact.ts';
import { timestamp } from '../../core/model/ids.ts';
import type { ActiveLease } from '../../core/model/state.ts';
import { FakeFiles } from '../../testing/fake-files.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { RecordingLogger } from '../../testing/recording-logger.ts';
import { sampleAddress, sampleLease } from '../../testing/sample-state.ts';
import { DhclientSource } from './dhclient-source.ts';

let files: FakeFiles;
let clock: ManualClock;
let log: RecordingLogger;
/** What each emission said: `eth0=192.0.2.1 …`, with ` ?` behind it where there may be more. */
let told: string[];
let source: DhclientSource;

const globs = ['/var/lib/dhcp/dhclient*.leases', '/var/lib/dhclient/dhclient.leases'];
const main = '/var/lib/dhcp/dhclient.leases';

/** Ends `seconds` after the clock's start. */
function lease(link: string, last: number, seconds: number = 86_400): string {
  const end = Math.floor(new ManualClock().wall() / 1000) + seconds;
  return `lease {\n  interface "${link}";\n  fixed-address 192.0.2.${last};\n  expire epoch ${end};\n}\n`;
}

function words(facts: readonly Fact[]): string {
  const [first, second, ...rest] = facts;
  if (first?.kind !== 'leasesRead' || rest.length > 0) throw new Error(JSON.stringify(facts));
  const held = first.active.map((one) => `${one.interfaceName}=${one.addresses.join(',')}`);
  for (const address of first.awaited ?? []) held.push(`awaits ${address}`);
  if (second !== undefined) {
    expect(second).toEqual({ kind: 'sourceLostSync', source: 'dhclient', cause: 'interrupted' });
  }
  return [...held, ...(second === undefined ? [] : ['?'])].join(' ');
}

function open(recovered: readonly ActiveLease[] = []): void {
  source = new DhclientSource({
    files,
    clock,
    log,
    sink: (facts) => told.push(words(facts)),
    owners: [0, 1000],
    recovered,
  });
  source.start(globs);
}

beforeEach(() => {
  files = new FakeFiles();
  clock = new ManualClock();
  log = new RecordingLogger();
  told = [];
});

describe('leases of dhclient', () => {
  beforeEach(() => {
    files.mkdir('/var/lib/dhcp');
    files.mkdir('/var/lib/dhclient');
  });

  test('are told before the start has ended, all files together', () => {
    files.write(main, lease('eth0', 1));
    files.write('/var/lib/dhcp/dhclient.eth1.leases', lease('eth1', 2));
    files.write('/var/lib/dhclient/dhclient.leases', lease('eth2', 3));
    files.write('/var/lib/dhcp/dhcpd.leases', lease('eth3', 4));
    open();
    expect(told).toEqual(['eth2=192.0.2.3 eth1=192.0.2.2 eth0=192.0.2.1']);
  });

  test('are none where there is no file: that is known', () => {
    open();
    expect(told).toEqual(['']);
  });

  test('are told anew within a tenth of a second of a change, and once for a burst', () => {
    open();
    files.write(main, lease('eth0', 1));
    files.append(main, lease('eth1', 2));
    expect(told).toEqual(['']);
    clock.advance(100);
    expect(told).toEqual(['', 'eth0=192.0.2.1 eth1=192.0.2.2']);
    expect(files.reads).toEqual([main]);
  });

  test('are told at once after a quiet time, and then every 5 ms while their files keep changing', () => {
    open();
    clock.advance(1000);
    for (let i = 1; i <= 12; i++) {
      files.write(main, lease('eth0', i));
      clock.advance(1);
      if (i === 1) expect(told).toEqual(['', 'eth0=192.0.2.1']);
    }
    clock.advance(100);
    expect(told).toEqual(['', 'eth0=192.0.2.1', 'eth0=192.0.2.5', 'eth0=192.0.2.10', 'eth0=192.0.2.12']);
  });

  test('that are renewed with the same words are told with their new end', () => {
    files.write(main, lease('eth0', 1, 100));
    open();
    files.append(main, lease('eth0', 1, 200));
    clock.advance(150_000);
    expect(told).toEqual(['eth0=192.0.2.1', 'eth0=192.0.2.1']);
    clock.advance(51_000);
    expect(told.slice(2)).toEqual(['']);
  });

  test('are not told again where nothing has changed', () => {
    files.write(main, lease('eth0', 1));
    open();
    files.write(main, lease('eth0', 1));
    clock.advance(1000);
    files.write('/var/lib/dhcp/other', '');
    clock.advance(100_000);
    expect(told).toEqual(['eth0=192.0.2.1']);
  });

  test('end at their time', () => {
    files.write(main, lease('eth0', 1, 90) + lease('eth1', 2, 100));
    open();
    clock.advance(89_999);
    expect(told).toHaveLength(1);
    clock.advance(2);
    expect(told.slice(1)).toEqual(['eth1=192.0.2.2']);
    clock.advance(10_000);
    expect(told.slice(2)).toEqual(['']);
  });

  test('survive a file that is emptied and written anew', () => {
    files.write(main, lease('eth0', 1));
    open();
    files.write(main, '');
    clock.advance(200);
    files.append(main, lease('eth0', 1).slice(0, 40));
    clock.advance(200);
    files.write(main, lease('eth0', 1) + lease('eth0', 5));
    clock.advance(200);
    expect(told).toEqual(['eth0=192.0.2.1', 'eth0=192.0.2.5']);
  });

  test('survive a lease that was never finished', () => {
    files.write(main, lease('eth0', 1));
    open();
    files.append(main, lease('eth0', 5).slice(0, 55));
    clock.advance(120_000);
    expect(told).toEqual(['eth0=192.0.2.1']);
    files.append(main, lease('eth0', 6));
    clock.advance(100);
    expect(told.slice(1)).toEqual(['eth0=192.0.2.6']);
  });

  test('survive an exchange of their file, also where it is gone for a moment', () => {
    files.write(main, lease('eth0', 1));
    open();
    files.remove(main);
    clock.advance(900);
    files.write(main, lease('eth0', 1));
    clock.advance(5000);
    expect(told).toEqual(['eth0=192.0.2.1']);
  });

  test('are gone a second after their file', () => {
    files.write(main, lease('eth0', 1));
    open();
    files.remove(main);
    clock.advance(1000);
    expect(told).toHaveLength(1);
    clock.advance(100);
    expect(told.slice(1)).toEqual(['']);
  });

  test('are found where the events were lost, half a minute later', () => {
    open();
    files.isDeaf = true;
    files.write(main, lease('eth0', 1));
    clock.advance(29_000);
    expect(told).toEqual(['']);
    clock.advance(2000);
    expect(told).toEqual(['', 'eth0=192.0.2.1']);
  });

  test('are found in files that are configured later, and forgotten with those that no longer are', () => {
    files.mkdir('/elsewhere');
    files.write(main, lease('eth0', 1));
    files.write('/elsewhere/x', lease('eth1', 2));
    open();
    source.configure(['/elsewhere/x']);
    expect(told).toEqual(['eth0=192.0.2.1', 'eth1=192.0.2.2']);
    expect(files.watchers('/var/lib/dhcp')).toBe(0);
    files.append('/elsewhere/x', lease('eth2', 3));
    clock.advance(100);
    expect(told.slice(2)).toEqual(['eth1=192.0.2.2 eth2=192.0.2.3']);
  });
});

describe('a directory of leases', () => {
  test('that is not there yet is found when it appears, wherever on its way', () => {
    open();
    expect(told).toEqual(['']);
    expect(files.watchers('/')).toBe(2);
    files.mkdir('/var/lib');
    clock.advance(100);
    expect([files.watchers('/'), files.watchers('/var/lib')]).toEqual([0, 2]);
    files.mkdir('/var/lib/dhcp');
    files.write(main, lease('eth0', 1));
    clock.advance(100);
    expect(told).toEqual(['', 'eth0=192.0.2.1']);
    files.append(main, lease('eth1', 2));
    clock.advance(100);
    expect(told.slice(2)).toEqual(['eth0=192.0.2.1 eth1=192.0.2.2']);
  });

  test('that was replaced is watched in its new place', () => {
    files.mkdir('/var/lib/dhcp');
    files.write(main, lease('eth0', 1));
    open();
    files.replaceDirectory('/var/lib/dhcp');
    files.write(main, lease('eth0', 2));
    clock.advance(100);
    files.append(main, lease('eth0', 3));
    clock.advance(100);
    expect(told).toEqual(['eth0=192.0.2.1', 'eth0=192.0.2.2', 'eth0=192.0.2.3']);
  });

  test('that was replaced without a word is watched after half a minute', () => {
    files.mkdir('/var/lib/dhcp');
    open();
    files.isDeaf = true;
    files.replaceDirectory('/var/lib/dhcp');
    files.isDeaf = false;
    clock.advance(31_000);
    files.write(main, lease('eth0', 3));
    clock.advance(100);
    expect(told).toEqual(['', 'eth0=192.0.2.3']);
  });

  test('whose watch ends is watched again', () => {
    files.mkdir('/var/lib/dhcp');
    open();
    files.endWatches('/var/lib/dhcp');
    clock.advance(100);
    expect(files.watchers('/var/lib/dhcp')).toBe(1);
  });

  test('that cannot be watched is looked at every two seconds, and that is said once', () => {
    files.mkdir('/var/lib/dhcp');
    files.watchFailure = 'ENOSPC';
    open();
    files.write(main, lease('eth0', 1));
    clock.advance(2100);
    expect(told).toEqual(['', 'eth0=192.0.2.1']);
    clock.advance(60_000);
    expect(log.messages('warn')).toEqual([
      'cannot watch /var/lib/dhcp (ENOSPC): new leases are seen up to 2 s late. Raise fs.inotify.max_user_watches',
      'cannot watch /var/lib/dhclient (ENOSPC): new leases are seen up to 2 s late. Raise fs.inotify.max_user_watches',
    ]);
    files.watchFailure = undefined;
    clock.advance(2100);
    expect(files.watchers('/var/lib/dhcp')).toBe(1);
  });

  test('that cannot be listed leaves what is known, as something that is not certain', () => {
    files.mkdir('/var/lib/dhcp');
    files.write(main, lease('eth0', 1, 90));
    open();
    files.failDirectory('/var/lib/dhcp', 'EACCES');
    clock.advance(31_000);
    expect(told).toEqual(['eth0=192.0.2.1', 'eth0=192.0.2.1 ?']);
    expect(log.messages('warn')).toEqual([
      'cannot look for leases in /var/lib/dhcp (EACCES): let the user that netevd runs as read it',
    ]);
    clock.advance(60_000);
    expect(told.slice(2)).toEqual(['?']);
    files.failDirectory('/var/lib/dhcp', undefined);
    clock.advance(31_000);
    expect(told.slice(3)).toEqual(['']);
  });
});

describe('a lease file that cannot be believed', () => {
  beforeEach(() => files.mkdir('/var/lib/dhcp'));
  const eth0 = lease('eth0', 1);
  const rows: [what: string, over: Parameters<FakeFiles['write']>[2], reason: string][] = [
    ["is somebody else's", { uid: 1234 }, 'it belongs to user 1234: chown root it, if it can be trusted'],
    [
      'is open to everybody',
      { mode: 0o666 },
      'everybody may write to it: chmod o-w it, if it can be trusted',
    ],
    ['is a symbolic link', { type: 'symlink' }, 'it is a symbolic link'],
    ['is a FIFO', { type: 'fifo' }, 'it is no regular file'],
  ];
  test.each(rows)('because it %s is passed over, and that is said once', (_what, over, reason) => {
    files.write(main, eth0, over);
    files.write('/var/lib/dhcp/dhclient.eth1.leases', lease('eth1', 2));
    open();
    clock.advance(100_000);
    expect(told).toEqual(['eth1=192.0.2.2']);
    expect(log.messages('warn')).toEqual([`the leases in ${main} are not read: ${reason}`]);
  });

  test('because it is no lease file is passed over', () => {
    files.write(main, 'interfaces { eth0; }\n');
    open();
    expect(told).toEqual(['']);
    expect(log.messages('warn')).toEqual([expect.stringContaining(main)]);
  });

  test('because it is too long leaves open what it says', () => {
    files.write(main, `${eth0}${' '.repeat(1024 * 1024)}`);
    open();
    expect(told).toEqual(['?']);
    expect(log.messages('warn')).toEqual([expect.stringContaining(main)]);
  });

  test('because it cannot be read counts with what it last said', () => {
    files.write(main, eth0);
    open();
    files.write(main, '', { failure: 'EIO' });
    clock.advance(100);
    expect(told).toEqual(['eth0=192.0.2.1', 'eth0=192.0.2.1 ?']);
    files.write(main, lease('eth0', 2));
    clock.advance(100);
    expect(told.slice(2)).toEqual(['eth0=192.0.2.2']);
  });

  test('at the start leaves what an earlier run knew', () => {
    files.write(main, '', { failure: 'EIO' });
    open([sampleLease({ interfaceName: 'eth7', expires: timestamp(clock.wall() + 500_000) })]);
    expect(told).toEqual(['eth7=192.168.1.100 ?']);
    files.write(main, eth0);
    clock.advance(100);
    expect(told.slice(1)).toEqual(['eth0=192.0.2.1']);
  });
});

test('values that are left out are told once, however often the file is read', () => {
  files.mkdir('/var/lib/dhcp');
  const bad = lease('eth0', 1).replace('}', 'option domain-name "a b$(id)"; option routers 300.1.1.1; }');
  files.write(main, bad);
  open();
  files.append(main, bad);
  clock.advance(100);
  expect(log.messages('warn')).toEqual([expect.stringMatching(/line 5: .*routers/)]);
  expect(log.lines[0]?.fields.messageId).toBe('valueRejected');
});

test('more files than any machine has are not read, and that is said', () => {
  files.mkdir('/var/lib/dhcp');
  for (let i = 0; i < 600; i++) files.write(`/var/lib/dhcp/dhclient.${1000 + i}.leases`, '');
  open();
  expect(files.reads).toHaveLength(512);
  expect(log.messages('warn')).toEqual([
    '/var/lib/dhcp has more than 512 lease files: the others are not read',
  ]);
});

test('a source that was disposed of watches and waits for nothing', () => {
  files.mkdir('/var/lib/dhcp');
  open();
  files.write(main, lease('eth0', 1));
  source[Symbol.dispose]();
  clock.advance(100_000);
  expect(told).toEqual(['']);
  expect([files.watchers('/var/lib/dhcp'), files.watchers('/var/lib'), clock.waiting]).toEqual([0, 0, 0]);
});

describe('an address of limited life', () => {
  const observed = (address: string, validLifetime = 3600): Fact => ({
    kind: 'addressObserved',
    address: sampleAddress(address, { validLifetime }),
  });
  const vanished = (address: string): Fact => ({ kind: 'addressVanished', address: sampleAddress(address) });
  beforeEach(() => files.mkdir('/var/lib/dhcp'));

  test('announces its lease, which dhclient writes down a little later', () => {
    files.write(main, '');
    open();
    source.onKernelFacts([observed('192.0.2.1'), observed('192.0.2.9', 0xffffffff)]);
    expect(told).toEqual(['', 'awaits 192.0.2.1']);
    clock.advance(80);
    files.write(main, lease('eth0', 1));
    clock.advance(10);
    expect(told.slice(2)).toEqual(['eth0=192.0.2.1']);
    source.onKernelFacts([observed('192.0.2.1')]);
    clock.advance(10_000);
    expect(told).toHaveLength(3);
  });

  test('whose lease does not come is nothing special a second and a half later', () => {
    files.write(main, '');
    open();
    source.onKernelFacts([observed('192.0.2.1')]);
    clock.advance(1499);
    expect(told).toHaveLength(2);
    clock.advance(2);
    expect(told.slice(2)).toEqual(['']);
  });

  test('that goes again is not waited for', () => {
    files.write(main, '');
    open();
    source.onKernelFacts([observed('192.0.2.1')]);
    source.onKernelFacts([vanished('192.0.2.1'), vanished('192.0.2.7')]);
    expect(told.slice(2)).toEqual(['']);
  });

  test('means nothing where there are no lease files, before the start and after the end', () => {
    open();
    source.onKernelFacts([observed('192.0.2.1')]);
    expect(told).toEqual(['']);
    files.write(main, '');
    clock.advance(100);
    source[Symbol.dispose]();
    source.onKernelFacts([observed('192.0.2.1')]);
    expect(told).toEqual(['']);
    expect(clock.waiting).toBe(0);
  });
});
