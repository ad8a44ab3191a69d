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
/** Each report as text: `eth0=192.0.2.1 …`, and ` ?` at the end of an incomplete one. */
let reports: string[];
let source: DhclientSource;

const globs = ['/var/lib/dhcp/dhclient*.leases', '/var/lib/dhclient/dhclient.leases'];
const main = '/var/lib/dhcp/dhclient.leases';

/** A lease that expires `seconds` after the clock's start. */
function lease(link: string, last: number, seconds: number = 86_400): string {
  const end = Math.floor(new ManualClock().wall() / 1000) + seconds;
  return `lease {\n  interface "${link}";\n  fixed-address 192.0.2.${last};\n  expire epoch ${end};\n}\n`;
}

function textOf(facts: readonly Fact[]): string {
  const [first, second, ...rest] = facts;
  if (first?.kind !== 'leasesRead' || rest.length > 0) throw new Error(JSON.stringify(facts));
  const leases = first.active.map((one) => `${one.interfaceName}=${one.addresses.join(',')}`);
  for (const address of first.awaited ?? []) leases.push(`awaits ${address}`);
  if (second !== undefined) {
    expect(second).toEqual({ kind: 'sourceLostSync', source: 'dhclient', cause: 'interrupted' });
  }
  return [...leases, ...(second === undefined ? [] : ['?'])].join(' ');
}

function open(recovered: readonly ActiveLease[] = []): void {
  source = new DhclientSource({
    files,
    clock,
    log,
    sink: (facts) => reports.push(textOf(facts)),
    owners: [0, 1000],
    recovered,
  });
  source.start(globs);
}

beforeEach(() => {
  files = new FakeFiles();
  clock = new ManualClock();
  log = new RecordingLogger();
  reports = [];
});

describe('a dhclient source', () => {
  beforeEach(() => {
    files.mkdir('/var/lib/dhcp');
    files.mkdir('/var/lib/dhclient');
  });

  test('reports the leases of all files together before start returns', () => {
    files.write(main, lease('eth0', 1));
    files.write('/var/lib/dhcp/dhclient.eth1.leases', lease('eth1', 2));
    files.write('/var/lib/dhclient/dhclient.leases', lease('eth2', 3));
    files.write('/var/lib/dhcp/dhcpd.leases', lease('eth3', 4));
    open();
    expect(reports).toEqual(['eth2=192.0.2.3 eth1=192.0.2.2 eth0=192.0.2.1']);
  });

  test('reports that there are no leases if there is no file', () => {
    open();
    expect(reports).toEqual(['']);
  });

  test('reports a burst of changes once, within a tenth of a second', () => {
    open();
    files.write(main, lease('eth0', 1));
    files.append(main, lease('eth1', 2));
    expect(reports).toEqual(['']);
    clock.advance(100);
    expect(reports).toEqual(['', 'eth0=192.0.2.1 eth1=192.0.2.2']);
    expect(files.reads).toEqual([main]);
  });

  test('reports a change at once after a quiet time, and then every 5 ms while the file keeps changing', () => {
    open();
    clock.advance(1000);
    for (let i = 1; i <= 12; i++) {
      files.write(main, lease('eth0', i));
      clock.advance(1);
      if (i === 1) expect(reports).toEqual(['', 'eth0=192.0.2.1']);
    }
    clock.advance(100);
    expect(reports).toEqual(['', 'eth0=192.0.2.1', 'eth0=192.0.2.5', 'eth0=192.0.2.10', 'eth0=192.0.2.12']);
  });

  test('reports a renewed lease with its new end', () => {
    files.write(main, lease('eth0', 1, 100));
    open();
    files.append(main, lease('eth0', 1, 200));
    clock.advance(150_000);
    expect(reports).toEqual(['eth0=192.0.2.1', 'eth0=192.0.2.1']);
    clock.advance(51_000);
    expect(reports.slice(2)).toEqual(['']);
  });

  test('reports nothing if no lease has changed', () => {
    files.write(main, lease('eth0', 1));
    open();
    files.write(main, lease('eth0', 1));
    clock.advance(1000);
    files.write('/var/lib/dhcp/other', '');
    clock.advance(100_000);
    expect(reports).toEqual(['eth0=192.0.2.1']);
  });

  test('reports the end of a lease', () => {
    files.write(main, lease('eth0', 1, 90) + lease('eth1', 2, 100));
    open();
    clock.advance(89_999);
    expect(reports).toHaveLength(1);
    clock.advance(2);
    expect(reports.slice(1)).toEqual(['eth1=192.0.2.2']);
    clock.advance(10_000);
    expect(reports.slice(2)).toEqual(['']);
  });

  test('keeps leases while their file is truncated and rewritten', () => {
    files.write(main, lease('eth0', 1));
    open();
    files.write(main, '');
    clock.advance(200);
    files.append(main, lease('eth0', 1).slice(0, 40));
    clock.advance(200);
    files.write(main, lease('eth0', 1) + lease('eth0', 5));
    clock.advance(200);
    expect(reports).toEqual(['eth0=192.0.2.1', 'eth0=192.0.2.5']);
  });

  test('keeps a lease if the next one in the file was never finished', () => {
    files.write(main, lease('eth0', 1));
    open();
    files.append(main, lease('eth0', 5).slice(0, 55));
    clock.advance(120_000);
    expect(reports).toEqual(['eth0=192.0.2.1']);
    files.append(main, lease('eth0', 6));
    clock.advance(100);
    expect(reports.slice(1)).toEqual(['eth0=192.0.2.6']);
  });

  test('keeps leases while their file is replaced, even if it is gone for a moment', () => {
    files.write(main, lease('eth0', 1));
    open();
    files.remove(main);
    clock.advance(900);
    files.write(main, lease('eth0', 1));
    clock.advance(5000);
    expect(reports).toEqual(['eth0=192.0.2.1']);
  });

  test('drops leases one second after their file was removed', () => {
    files.write(main, lease('eth0', 1));
    open();
    files.remove(main);
    clock.advance(1000);
    expect(reports).toHaveLength(1);
    clock.advance(100);
    expect(reports.slice(1)).toEqual(['']);
  });

  test('finds a change half a minute later if its event was lost', () => {
    open();
    files.losesEvents = true;
    files.write(main, lease('eth0', 1));
    clock.advance(29_000);
    expect(reports).toEqual(['']);
    clock.advance(2000);
    expect(reports).toEqual(['', 'eth0=192.0.2.1']);
  });

  test('reads new configured files and drops leases of files that are no longer configured', () => {
    files.mkdir('/elsewhere');
    files.write(main, lease('eth0', 1));
    files.write('/elsewhere/x', lease('eth1', 2));
    open();
    source.configure(['/elsewhere/x']);
    expect(reports).toEqual(['eth0=192.0.2.1', 'eth1=192.0.2.2']);
    expect(files.watchers('/var/lib/dhcp')).toBe(0);
    files.append('/elsewhere/x', lease('eth2', 3));
    clock.advance(100);
    expect(reports.slice(2)).toEqual(['eth1=192.0.2.2 eth2=192.0.2.3']);
  });
});

describe('the directory watch of a dhclient source', () => {
  test('finds a missing directory when it appears, at any level of the path', () => {
    open();
    expect(reports).toEqual(['']);
    expect(files.watchers('/')).toBe(2);
    files.mkdir('/var/lib');
    clock.advance(100);
    expect([files.watchers('/'), files.watchers('/var/lib')]).toEqual([0, 2]);
    files.mkdir('/var/lib/dhcp');
    files.write(main, lease('eth0', 1));
    clock.advance(100);
    expect(reports).toEqual(['', 'eth0=192.0.2.1']);
    files.append(main, lease('eth1', 2));
    clock.advance(100);
    expect(reports.slice(2)).toEqual(['eth0=192.0.2.1 eth1=192.0.2.2']);
  });

  test('watches a directory that replaces another one', () => {
    files.mkdir('/var/lib/dhcp');
    files.write(main, lease('eth0', 1));
    open();
    files.replaceDirectory('/var/lib/dhcp');
    files.write(main, lease('eth0', 2));
    clock.advance(100);
    files.append(main, lease('eth0', 3));
    clock.advance(100);
    expect(reports).toEqual(['eth0=192.0.2.1', 'eth0=192.0.2.2', 'eth0=192.0.2.3']);
  });

  test('watches a replaced directory after half a minute if the event was lost', () => {
    files.mkdir('/var/lib/dhcp');
    open();
    files.losesEvents = true;
    files.replaceDirectory('/var/lib/dhcp');
    files.losesEvents = false;
    clock.advance(31_000);
    files.write(main, lease('eth0', 3));
    clock.advance(100);
    expect(reports).toEqual(['', 'eth0=192.0.2.3']);
  });

  test('starts again if a watch ends', () => {
    files.mkdir('/var/lib/dhcp');
    open();
    files.endWatches('/var/lib/dhcp');
    clock.advance(100);
    expect(files.watchers('/var/lib/dhcp')).toBe(1);
  });

  test('falls back to a scan every two seconds if a directory cannot be watched, and warns once', () => {
    files.mkdir('/var/lib/dhcp');
    files.watchFailure = 'ENOSPC';
    open();
    files.write(main, lease('eth0', 1));
    clock.advance(2100);
    expect(reports).toEqual(['', 'eth0=192.0.2.1']);
    clock.advance(60_000);
    expect(log.fields('warn', 'path', 'code')).toEqual([
      ['/var/lib/dhcp', 'ENOSPC'],
      ['/var/lib/dhclient', 'ENOSPC'],
    ]);
    files.watchFailure = undefined;
    clock.advance(2100);
    expect(files.watchers('/var/lib/dhcp')).toBe(1);
  });

  test('keeps known leases and reports a sync loss if a directory cannot be listed', () => {
    files.mkdir('/var/lib/dhcp');
    files.write(main, lease('eth0', 1, 90));
    open();
    files.failDirectory('/var/lib/dhcp', 'EACCES');
    clock.advance(31_000);
    expect(reports).toEqual(['eth0=192.0.2.1', 'eth0=192.0.2.1 ?']);
    expect(log.fields('warn', 'path', 'code')).toEqual([['/var/lib/dhcp', 'EACCES']]);
    clock.advance(60_000);
    expect(reports.slice(2)).toEqual(['?']);
    files.failDirectory('/var/lib/dhcp', undefined);
    clock.advance(31_000);
    expect(reports.slice(3)).toEqual(['']);
  });
});

describe('a lease file that is not read', () => {
  beforeEach(() => files.mkdir('/var/lib/dhcp'));
  const eth0 = lease('eth0', 1);
  const rows: [what: string, over: Parameters<FakeFiles['write']>[2], code: string][] = [
    ['another user owns it', { uid: 1234 }, 'owner'],
    ['everyone can write to it', { mode: 0o666 }, 'writable'],
    ['it is a symbolic link', { type: 'symlink' }, 'symlink'],
    ['it is a FIFO', { type: 'fifo' }, 'not-regular'],
  ];
  test.each(rows)('is skipped with one warning if %s', (_what, over, code) => {
    files.write(main, eth0, over);
    files.write('/var/lib/dhcp/dhclient.eth1.leases', lease('eth1', 2));
    open();
    clock.advance(100_000);
    expect(reports).toEqual(['eth1=192.0.2.2']);
    expect(log.fields('warn', 'path', 'code')).toEqual([[main, code]]);
  });

  test('is skipped if it has no leases grammar', () => {
    files.write(main, 'interfaces { eth0; }\n');
    open();
    expect(reports).toEqual(['']);
    expect(log.fields('warn', 'path', 'code')).toEqual([[main, 'content']]);
  });

  test('leaves the leases incomplete if it is too long', () => {
    files.write(main, `${eth0}${' '.repeat(1024 * 1024)}`);
    open();
    expect(reports).toEqual(['?']);
    expect(log.fields('warn', 'path', 'code')).toEqual([[main, 'content']]);
  });

  test('keeps its last leases while it cannot be read', () => {
    files.write(main, eth0);
    open();
    files.write(main, '', { failure: 'EIO' });
    clock.advance(100);
    expect(reports).toEqual(['eth0=192.0.2.1', 'eth0=192.0.2.1 ?']);
    files.write(main, lease('eth0', 2));
    clock.advance(100);
    expect(reports.slice(2)).toEqual(['eth0=192.0.2.2']);
  });

  test('keeps the recovered leases if it cannot be read at the start', () => {
    files.write(main, '', { failure: 'EIO' });
    open([sampleLease({ interfaceName: 'eth7', expires: timestamp(clock.wall() + 500_000) })]);
    expect(reports).toEqual(['eth7=192.168.1.100 ?']);
    files.write(main, eth0);
    clock.advance(100);
    expect(reports.slice(1)).toEqual(['eth0=192.0.2.1']);
  });
});

test('a dhclient source warns about invalid values once, however often it reads the file', () => {
  files.mkdir('/var/lib/dhcp');
  const bad = lease('eth0', 1).replace('}', 'option domain-name "a b$(id)"; option routers 300.1.1.1; }');
  files.write(main, bad);
  open();
  files.append(main, bad);
  clock.advance(100);
  expect(log.fields('warn', 'path', 'messageId')).toEqual([[main, 'valueRejected']]);
});

test('a dhclient source reads at most 512 files of a directory, and warns once', () => {
  files.mkdir('/var/lib/dhcp');
  for (let i = 0; i < 600; i++) files.write(`/var/lib/dhcp/dhclient.${1000 + i}.leases`, '');
  open();
  expect(files.reads).toHaveLength(512);
  expect(log.fields('warn', 'path', 'code')).toEqual([['/var/lib/dhcp', 'too-many']]);
});

test('a disposed dhclient source has no watch and no timer', () => {
  files.mkdir('/var/lib/dhcp');
  open();
  files.write(main, lease('eth0', 1));
  source[Symbol.dispose]();
  clock.advance(100_000);
  expect(reports).toEqual(['']);
  expect([files.watchers('/var/lib/dhcp'), files.watchers('/var/lib'), clock.waiting]).toEqual([0, 0, 0]);
});

describe('an address with a limited lifetime', () => {
  const observed = (address: string, validLifetime = 3600): Fact => ({
    kind: 'addressObserved',
    address: sampleAddress(address, { validLifetime }),
  });
  const vanished = (address: string): Fact => ({ kind: 'addressVanished', address: sampleAddress(address) });
  beforeEach(() => files.mkdir('/var/lib/dhcp'));

  test('announces its lease, which dhclient writes a little later', () => {
    files.write(main, '');
    open();
    source.onKernelFacts([observed('192.0.2.1'), observed('192.0.2.9', 0xffffffff)]);
    expect(reports).toEqual(['', 'awaits 192.0.2.1']);
    clock.advance(80);
    files.write(main, lease('eth0', 1));
    clock.advance(10);
    expect(reports.slice(2)).toEqual(['eth0=192.0.2.1']);
    source.onKernelFacts([observed('192.0.2.1')]);
    clock.advance(10_000);
    expect(reports).toHaveLength(3);
  });

  test('is no longer awaited after 1.5 seconds without a lease', () => {
    files.write(main, '');
    open();
    source.onKernelFacts([observed('192.0.2.1')]);
    clock.advance(1499);
    expect(reports).toHaveLength(2);
    clock.advance(2);
    expect(reports.slice(2)).toEqual(['']);
  });

  test('is no longer awaited once it vanishes', () => {
    files.write(main, '');
    open();
    source.onKernelFacts([observed('192.0.2.1')]);
    source.onKernelFacts([vanished('192.0.2.1'), vanished('192.0.2.7')]);
    expect(reports.slice(2)).toEqual(['']);
  });

  test('announces nothing without lease files, before the start and after the end', () => {
    open();
    source.onKernelFacts([observed('192.0.2.1')]);
    expect(reports).toEqual(['']);
    files.write(main, '');
    clock.advance(100);
    source[Symbol.dispose]();
    source.onKernelFacts([observed('192.0.2.1')]);
    expect(reports).toEqual(['']);
    expect(clock.waiting).toBe(0);
  });
});
