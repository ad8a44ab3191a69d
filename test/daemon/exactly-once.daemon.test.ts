/** The daemon is killed at random moments while the network changes; hooks keep their own account of what ran. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import type { LogLine } from '../../src/testing/log-lines.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { DaemonUnderTest, Site } from './daemon-under-test.ts';
import { Noted } from './journal-reader.ts';
import { Ledger, type LedgerLine, scripts } from './ledger.ts';
import { ip } from './links.ts';
import { Dice, Storm } from './storm.ts';

const directories = [
  'carrier',
  'no-carrier',
  'degraded',
  'routable',
  'configured',
  'off',
  'address-added',
  'address-removed',
  'link-added',
  'link-removed',
  'mtu',
] as const;
const kills = 150;
/** However slow the machine: the test ends after so long, with fewer kills. */
const longest = 50_000;

/** The same ones each time, and some that nobody has tried; NETEVD_SEED: only that, for a failure to be seen again. */
const seeds =
  process.env['NETEVD_SEED'] === undefined
    ? [1, Math.floor(Math.random() * 2 ** 31)]
    : [Number(process.env['NETEVD_SEED'])];

/** What many lives have left. */
interface Account {
  readonly lines: readonly LedgerLine[];
  readonly begins: readonly LedgerLine[];
  readonly noted: Noted;
  /** Of all daemons together. */
  readonly log: readonly LogLine[];
  readonly kills: number;
  /** What the kernel has at the end. */
  readonly shown: readonly Shown[];
}

async function live(site: Site, seed: number): Promise<Account> {
  // A quarter of the runs takes some time, so that some are under way whenever the daemon is killed.
  const journal = new Ledger(site, directories, '[ $((NETEVD_SEQ % 4)) = 0 ] && sleep 0.1');
  const dice = new Dice(seed);
  await using storm = new Storm(dice);
  site.configure({
    monitoring: { interfaces: ['flap*', 'addr*', 'guest*'] },
    hooks: { directory: site.hooks, queue_limit: 100_000 },
  });
  const noted = new Noted();
  const log: LogLine[] = [];
  const bury = (daemon: DaemonUnderTest): void => {
    noted.read(site.runtime);
    log.push(...daemon.log);
  };
  // The first picture is not what this is about.
  const first = await site.start();
  await first.idle();
  await first.kill();
  bury(first);
  storm.start(15);
  const end = performance.now() + longest;
  let count = 0;
  for (; count < kills && performance.now() < end; count++) {
    const daemon = new DaemonUnderTest(site, {});
    const before = journal.size;
    const limit = dice.roll(12);
    const time = performance.now() + dice.roll(300);
    // Either so much time has passed, or the hooks have written so many lines since.
    await waitUntil('the moment', () => performance.now() > time || journal.size > before + 80 * limit);
    await daemon.kill();
    bury(daemon);
  }
  await storm.calm();
  const last = await site.start();
  await last.idle();
  await last.kill();
  bury(last);
  const lines = journal.lines();
  return {
    lines,
    begins: lines.filter(({ what }) => what === 'begin'),
    noted,
    log,
    kills: count,
    shown: shown(),
  };
}

const byLink = (lines: readonly LedgerLine[]): Map<string, LedgerLine[]> =>
  Map.groupBy(lines, ({ index }) => index);
/** Each event once, in the order of their numbers. */
const eventsOf = (lines: readonly LedgerLine[]): LedgerLine[] => {
  const first = lines.filter(({ script, retry }, i) => {
    const same = lines.findIndex((other) => other.seq === lines[i]?.seq && other.script === script);
    return script === scripts[0] && (same === i || !retry) && same === i;
  });
  return first.toSorted((a, b) => a.seq - b.seq);
};

describe.each(seeds)('a daemon that is killed again and again (NETEVD_SEED=%i)', (seed) => {
  const site = new Site();
  let account: Account;
  beforeAll(async () => {
    account = await live(site, seed);
  }, 3 * longest);
  afterAll(() => site[Symbol.dispose]());

  test('is killed often enough to mean something', () => {
    const { kills: count, noted, begins, log } = account;
    const retries = begins.filter(({ retry }) => retry).length;
    const double = begins.length - new Set(begins.map(({ id, script }) => `${id} ${script}`)).size;
    const orphans = log.filter((line) => line['unfinished'] === 'running').length;
    process.stdout.write(
      `${count} kills, ${noted.events.size} events, ${begins.length} runs, ${retries} retries (${double} had run before), ${orphans} hooks found running, ${noted.tornLines} torn lines\n`,
    );
    // A process puts down its own start: there is hardly a moment in which that is open.
    expect(double).toBeLessThan(3);
    expect(count).toBeGreaterThan(20);
    expect(noted.events.size).toBeGreaterThan(50);
    expect(orphans).toBeGreaterThan(0);
  });

  test('runs each script once for every transition that it has noted', () => {
    const { begins, noted } = account;
    const runs = Map.groupBy(begins, ({ id, script }) => `${id} ${script}`);
    const missing: string[] = [];
    const twice: string[] = [];
    for (const event of noted.events.values()) {
      if (!directories.includes(event.directory as (typeof directories)[number])) continue;
      if (noted.superseded.has(event.id)) continue;
      for (const script of scripts) {
        const key = `${noted.standsFor.get(event.id) ?? event.id} ${script}`;
        const found = runs.get(key) ?? [];
        if (found.length === 0) missing.push(`${key} ${event.directory}`);
        if (found.filter(({ retry }) => !retry).length > 1) twice.push(key);
      }
    }
    expect({ missing, twice }).toEqual({ missing: [], twice: [] });
  });

  test('runs nothing else', () => {
    const { begins, noted } = account;
    const known = new Set<string>(noted.events.keys());
    expect(begins.filter(({ id }) => !known.has(id))).toEqual([]);
  });

  test('a script that runs again is marked, and the log reports it', () => {
    const { begins, log } = account;
    const again = begins.filter(({ retry }) => retry);
    for (const { directory, script, seq } of again) {
      const path = join(site.hooks, `${directory}.d`, script);
      expect(
        log.some(
          (line) => line['unfinished'] === 'uncertain' && line['script'] === path && line['seq'] === seq,
        ),
      ).toBe(true);
    }
  });

  test('runs the scripts of one link one at a time, in the order of the events', () => {
    const { lines } = account;
    for (const [index, some] of byLink(lines)) {
      if (index === '1009') continue; // It came and went: each time another link.
      const wrong: string[] = [];
      let running: LedgerLine | undefined;
      let last = 0;
      for (const line of some) {
        if (line.seq < last) wrong.push(`event ${line.seq} after ${last}`);
        last = line.seq;
        if (line.what === 'begin' && running !== undefined)
          wrong.push(`${line.seq} ${line.script} while ${running.seq} ${running.script} ran`);
        running = line.what === 'begin' ? line : undefined;
      }
      expect({ index, wrong }).toEqual({ index, wrong: [] });
    }
  });

  test('each reported state follows from the previous one', () => {
    const { begins, shown: last } = account;
    for (const index of ['1001', '1002']) {
      const told = eventsOf(begins.filter((line) => line.index === index && /carrier$/.test(line.directory)));
      const chain = told.map(({ previous, state }) => [previous, state] as const);
      expect(chain.length).toBeGreaterThan(10);
      for (const [i, [previous]] of chain.entries()) {
        if (i > 0) expect(previous).toBe(chain[i - 1]?.[1] ?? '');
      }
      expect(chain.at(-1)?.[1]).toBe(carrierOf(index, last));
    }
  });

  test('each address appears and vanishes in turn, and every present address is reported', () => {
    const { begins, shown: last } = account;
    const told = eventsOf(
      begins.filter(({ index, directory }) => index === '1003' && /^address-/.test(directory)),
    );
    const present = new Set<string>();
    const wrong: string[] = [];
    for (const { directory, addresses, seq } of told) {
      for (const address of addresses) {
        const isNews = directory === 'address-added' ? !present.has(address) : present.delete(address);
        if (directory === 'address-added') present.add(address);
        if (!isNews) wrong.push(`${seq} ${directory} ${address}`);
      }
    }
    expect(wrong).toEqual([]);
    expect([...present].sort(byText)).toEqual(addressesOf('addr0', last).sort(byText));
  });

  test('each link appears and vanishes in turn', () => {
    const { begins } = account;
    const told = eventsOf(
      begins.filter(({ index, directory }) => index === '1009' && /^link-/.test(directory)),
    );
    const turn = (i: number): string => (i % 2 === 0 ? 'link-added' : 'link-removed');
    const wrong = told.findIndex(({ directory }, i) => directory !== turn(i));
    // Where one is wrong, what came before it and after it says why.
    const around = wrong < 0 ? [] : told.slice(Math.max(0, wrong - 3), wrong + 3);
    expect(around).toEqual([]);
    expect(told.length).toBeGreaterThan(0);
  });
});

const byText = (a: string, b: string): number => (a < b ? -1 : 1);

interface Shown {
  readonly ifname: string;
  readonly ifindex: number;
  readonly operstate: string;
  readonly addr_info: readonly { readonly local: string }[];
}
const shown = (): Shown[] => JSON.parse(ip('-j addr show')) as Shown[];
const carrierOf = (index: string, links: readonly Shown[]): string =>
  links.find(({ ifindex }) => String(ifindex) === index)?.operstate === 'UP' ? 'carrier' : 'no-carrier';
const addressesOf = (name: string, links: readonly Shown[]): string[] =>
  links.find(({ ifname }) => ifname === name)?.addr_info.map(({ local }) => local) ?? [];
