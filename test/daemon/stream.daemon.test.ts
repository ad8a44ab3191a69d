/** The stream of the built daemon: readers that are cut, a daemon that is killed, readers that do not read. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { ask } from './api-client.ts';
import { type DaemonUnderTest, Site } from './daemon-under-test.ts';
import { ip, ipBatch } from './links.ts';
import { StreamReader } from './stream-reader.ts';

let site: Site;
let socket = '';
let addresses = 0;
const url = 'http://localhost/api/v1/events/stream';
const start = async (): Promise<DaemonUnderTest> => {
  const daemon = await site.start({
    config: {
      api: { port: 0 },
      events: { database: join(site.root, 'events.db') },
      hooks: { directory: site.hooks, debounce_ms: 0 },
    },
  });
  await daemon.logged({ door: 'tcp' });
  return daemon;
};

beforeEach(() => {
  addresses = 0;
  site = new Site();
  socket = join(site.runtime, 'netevd.sock');
  ip('link add name dock0 type bridge');
  ip('link set dock0 up');
});

afterEach(() => {
  site[Symbol.dispose]();
  ip('link del dock0');
});

/** So many address changes, each of which is one record. */
function change(count: number): void {
  const commands = Array.from({ length: count }, () => {
    const number = addresses++;
    return `addr ${number % 2 === 0 ? 'add' : 'del'} 198.18.${(number >> 9) & 255}.${(number >> 1) & 255}/32 dev dock0`;
  });
  ipBatch(commands);
}

const head = async (): Promise<number> => (await ask('/api/v1/status', { socket })).json.history.head_seq;

/** A generator that gives the same numbers for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

describe('a stream', () => {
  test('that is cut at random while the daemon is killed at random has every record once, or an explicit gap', async () => {
    const next = random(Number(process.env['NETEVD_SEED'] ?? 7));
    let daemon = await start();
    const first = (await ask('/api/v1/status', { socket })).json;
    const resumed = new StreamReader({ url, socket }, `${first.epoch}.0`);
    let isOver = false;
    let cuts = 0;
    const reading = (async () => {
      while (!isOver) {
        await resumed.read();
        cuts++;
        await Bun.sleep(1);
      }
    })();
    for (let round = 0; round < 200; round++) {
      change(1 + Math.floor(next() * 6));
      await Bun.sleep(Math.floor(next() * 12));
      resumed.cut();
      if (round % 25 !== 24) continue;
      if (next() < 0.7) await daemon.kill();
      else await daemon.stop();
      daemon = await start();
    }
    const last = await head();
    await waitUntil('the reader to have the newest record', () => seqOf(resumed.seen.records.at(-1)) >= last);
    isOver = true;
    resumed.cut();
    await reading;
    const seqs = resumed.seen.records.map(seqOf);
    expect(new Set(resumed.seen.records).size).toBe(resumed.seen.records.length);
    expect(resumed.seen.records.every((id) => id.startsWith(first.epoch))).toBe(true);
    const missing = new Set<number>();
    for (const { from, to } of resumed.seen.gaps) {
      for (let seq = Number(from?.split('.')[1]); seq <= Number(to?.split('.')[1]); seq++) missing.add(seq);
    }
    const all = new Set([...seqs, ...missing]);
    expect([...Array(last).keys()].map((seq) => seq + 1).filter((seq) => !all.has(seq))).toEqual([]);
    expect(seqs.every((seq, at) => at === 0 || seq > (seqs[at - 1] ?? 0))).toBe(true);
    expect(cuts).toBeGreaterThan(150);
    await daemon.stop();
  }, 120_000);

  test('has 200 readers, of whom five never read; the 201st is told to come back', async () => {
    await using daemon = await start();
    const since = await head();
    const readers = Array.from(
      { length: 195 },
      () => new StreamReader({ url: `${url}?since=${since}`, socket }),
    );
    const reading = readers.map((reader) => reader.read());
    const stuck = Array.from({ length: 5 }, () => silentReader(socket));
    const status = async (): Promise<{ streams: number }> => (await ask('/api/v1/status', { socket })).json;
    await waitUntil('200 readers', async () => (await status()).streams === 200);
    expect((await ask(url.replace('http://localhost', ''), { socket })).status).toBe(503);
    change(600);
    let last = 0;
    await waitUntil('everybody to have the newest', async () => {
      last = await head();
      return last > since && readers.every(({ seen }) => seqOf(seen.records.at(-1)) === last);
    });
    const expected = Array.from({ length: last - since }, (_, at) => since + 1 + at);
    for (const { seen } of readers) expect(seen.records.map(seqOf)).toEqual(expected);
    change(600);
    await waitUntil('those who do not read to be cut', async () => (await status()).streams === 195, 90_000);
    const metrics = (await ask('/metrics', { socket })).text;
    expect(metrics).toContain('netevd_stream_gaps_total{cause="slow-reader"} 5');
    expect(metrics).toContain('netevd_stream_clients 195');
    expect(readers.every(({ seen }) => seen.gaps.length === 0)).toBe(true);
    await daemon.stop();
    await Promise.all(reading);
    expect(readers.every(({ seen }) => seen.byes === 1)).toBe(true);
    for (const connection of stuck) connection.destroy();
  }, 120_000);

  test('on which nothing happens stays open, and is told where it stands', async () => {
    await using _daemon = await start();
    const reader = new StreamReader({ url, socket });
    const reading = reader.read();
    await waitUntil('a bookmark', () => reader.seen.bookmarks >= 1, 40_000);
    change(1);
    await waitUntil('the record after it', () => reader.seen.records.length > 0);
    reader.cut();
    await reading;
  }, 60_000);
});

const seqOf = (id: string | undefined): number => Number(id?.split('/')[1] ?? 0);

/** Asks for the stream and never reads what comes. */
function silentReader(path: string): Socket {
  const connection = connect(path);
  connection.on('error', () => undefined);
  connection.pause();
  connection.write('GET /api/v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
  return connection;
}
