/** Lease files on a real file system, written as dhclient, editors and administrators write them. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fact } from '../src/core/model/fact.ts';
import { SystemClock } from '../src/platform/clock.ts';
import { SystemFiles } from '../src/platform/watched-files.ts';
import { DhclientSource } from '../src/sources/dhclient/dhclient-source.ts';
import { RecordingLogger } from '../src/testing/recording-logger.ts';
import { waitUntil } from '../src/testing/wait-until.ts';

const base = realpathSync(mkdtempSync(join(tmpdir(), 'netevd-leases-')));
afterAll(() => rmSync(base, { recursive: true, force: true }));

let place: string;
let main: string;
let told: string[];
let log: RecordingLogger;
let source: DhclientSource;

/** In the syntax of dhclient. */
const lease = (link: string, last: number, seconds: number = 3600): string => {
  const end = Math.floor(Date.now() / 1000) + seconds;
  return `lease {\n  interface "${link}";\n  fixed-address 192.0.2.${last};\n  option routers 192.0.2.1;\n  expire epoch ${end};\n}\n`;
};

/** In the order of their links: files that are written at once have no order in time. */
function words(facts: readonly Fact[]): string {
  const texts = facts.flatMap((fact) =>
    fact.kind === 'leasesRead'
      ? fact.active.map((one) => `${one.interfaceName}=${one.addresses.join(',')}`)
      : ['?'],
  );
  return texts.toSorted((a, b) => (a < b ? -1 : 1)).join(' ');
}

function open(): void {
  source = new DhclientSource({
    files: new SystemFiles(),
    clock: new SystemClock(),
    log,
    sink: (facts) => told.push(words(facts)),
    owners: [0, process.getuid?.() ?? 0],
    recovered: [],
  });
  source.start([join(place, 'dhclient*.leases')]);
}

/** Below the half minute after which is looked in any case: what is seen by then was noticed. */
const patience = 20_000;
const last = async (text: string): Promise<true> =>
  await waitUntil(`"${text}" to be told last`, () => told.at(-1) === text, patience);

beforeEach(() => {
  place = join(mkdtempSync(join(base, 'd-')), 'dhcp');
  main = join(place, 'dhclient.leases');
  told = [];
  log = new RecordingLogger();
});
afterEach(() => source[Symbol.dispose]());

describe('a lease file on disk', () => {
  beforeEach(() => mkdirSync(place));

  test('is appended to in pieces, through a descriptor that stays open', async () => {
    writeFileSync(main, lease('eth0', 1));
    open();
    const descriptor = openSync(main, 'a');
    for (const line of lease('eth0', 2).split(/(?<=\n)/)) {
      writeSync(descriptor, line);
      await Promise.resolve();
    }
    await last('eth0=192.0.2.2');
    closeSync(descriptor);
    expect(told).toEqual(['eth0=192.0.2.1', 'eth0=192.0.2.2']);
  });

  test('is truncated and slowly rewritten', async () => {
    writeFileSync(main, lease('eth0', 1) + lease('eth1', 5));
    open();
    truncateSync(main);
    // Each piece is written when the one before has been seen: the marker in the other file proves it.
    let marker = 10;
    const seen = async (): Promise<void> => {
      marker++;
      writeFileSync(join(place, 'dhclient.m.leases'), lease('m', marker));
      await waitUntil('the marker', () => told.at(-1)?.includes(`m=192.0.2.${marker}`) === true);
    };
    await seen();
    appendFileSync(main, lease('eth0', 1).slice(0, 30));
    await seen();
    writeFileSync(main, lease('eth0', 2) + lease('eth1', 5));
    await last(`eth0=192.0.2.2 eth1=192.0.2.5 m=192.0.2.${marker}`);
    for (const one of told) expect(one).toMatch(/eth0=192\.0\.2\.[12].*eth1=192\.0\.2\.5/);
  });

  test('is exchanged for another one', async () => {
    writeFileSync(main, lease('eth0', 1));
    open();
    for (const number of [2, 3, 4]) {
      writeFileSync(join(place, 'new'), lease('eth0', number));
      renameSync(join(place, 'new'), main);
      await last(`eth0=192.0.2.${number}`);
    }
    expect(told).toHaveLength(4);
  });

  test('is rotated away, and a new one takes its place', async () => {
    writeFileSync(main, lease('eth0', 1));
    open();
    renameSync(main, `${main}.1`);
    writeFileSync(main, lease('eth0', 2));
    await last('eth0=192.0.2.2');
    expect(told).toEqual(['eth0=192.0.2.1', 'eth0=192.0.2.2']);
  });

  test('is removed: a second later its leases are gone', async () => {
    writeFileSync(main, lease('eth0', 1));
    open();
    const start = performance.now();
    unlinkSync(main);
    await last('');
    expect(performance.now() - start).toBeGreaterThan(950);
  });

  test('holds a lease that ends', async () => {
    writeFileSync(main, lease('eth0', 1, 2));
    open();
    expect(told).toEqual(['eth0=192.0.2.1']);
    await last('');
  });

  test('may not be a link, or be written to by everybody', async () => {
    writeFileSync(join(base, 'target'), lease('eth0', 1));
    symlinkSync(join(base, 'target'), main);
    writeFileSync(join(place, 'dhclient.w.leases'), lease('w', 1));
    chmodSync(join(place, 'dhclient.w.leases'), 0o666);
    open();
    expect(told).toEqual(['']);
    expect(log.messages('warn')).toHaveLength(2);
    chmodSync(join(place, 'dhclient.w.leases'), 0o644);
    await last('w=192.0.2.1');
  });

  test('is read when it appears, long before the next look', async () => {
    open();
    writeFileSync(main, lease('eth0', 1));
    await last('eth0=192.0.2.1');
    expect(told).toEqual(['', 'eth0=192.0.2.1']);
  });
});

describe('the directory of lease files', () => {
  test('comes later, goes, and comes again', async () => {
    open();
    expect(told).toEqual(['']);
    mkdirSync(place);
    writeFileSync(main, lease('eth0', 1));
    await last('eth0=192.0.2.1');
    appendFileSync(main, lease('eth0', 2));
    await last('eth0=192.0.2.2');
    rmSync(place, { recursive: true });
    mkdirSync(place);
    writeFileSync(main, lease('eth0', 3));
    await last('eth0=192.0.2.3');
    appendFileSync(main, lease('eth0', 4));
    await last('eth0=192.0.2.4');
  });

  test('is moved away, and another one is moved into its place', async () => {
    mkdirSync(place);
    writeFileSync(main, lease('eth0', 1));
    const other = `${place}.new`;
    mkdirSync(other);
    writeFileSync(join(other, 'dhclient.leases'), lease('eth0', 2));
    open();
    renameSync(place, `${place}.old`);
    renameSync(other, place);
    await last('eth0=192.0.2.2');
    appendFileSync(main, lease('eth0', 3));
    await last('eth0=192.0.2.3');
    appendFileSync(join(`${place}.old`, 'dhclient.leases'), lease('eth0', 9));
    appendFileSync(main, lease('eth0', 4));
    await last('eth0=192.0.2.4');
  });

  test('may be a symbolic link', async () => {
    const elsewhere = `${place}-elsewhere`;
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'dhclient.leases'), lease('eth0', 1));
    symlinkSync(elsewhere, place);
    open();
    appendFileSync(join(elsewhere, 'dhclient.leases'), lease('eth0', 2));
    await last('eth0=192.0.2.2');
    expect(told).toEqual(['eth0=192.0.2.1', 'eth0=192.0.2.2']);
  });
});
