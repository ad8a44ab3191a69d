import { expect, test } from 'bun:test';
import { ApiClient } from '../../client/api-client.ts';
import type { TransportRequest } from '../../client/transport.ts';
import { sampleEvent, sampleIso, sampleLink, sampleStatus } from '../../testing/api-samples.ts';
import { Feed, type FeedClock } from './feed.ts';
import { Store } from './store.ts';

const encoder = new TextEncoder();
const block = (event: string, data: object, id?: string): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
const greeting =
  block('hello', { epoch: 'e', time: sampleIso(0) }) +
  block('snapshot', { seq: 3, status: sampleStatus(), interfaces: [sampleLink(2)] }, 'e.3');

/** A server that answers everything at once, and whose streams the test writes to. */
class SampleServer {
  readonly paths: string[] = [];
  readonly resumedFrom: (string | undefined)[] = [];
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  transport = (path: string, { headers }: TransportRequest): Promise<Response> => {
    this.paths.push(path);
    if (!path.startsWith('/api/v1/events/stream')) return Promise.resolve(this.#answer(path));
    this.resumedFrom.push(headers?.['last-event-id']);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    this.#writer = writable.getWriter();
    return Promise.resolve(new Response(readable));
  };
  send(text: string): void {
    void this.#writer?.write(encoder.encode(text)).catch(() => undefined);
  }
  asked(prefix: string): number {
    return this.paths.filter((path) => path.startsWith(prefix)).length;
  }
  #answer(path: string): Response {
    if (path.startsWith('/api/v1/interfaces/'))
      return Response.json(sampleLink(2, { state: 'no-carrier', mtu: 9000 }));
    if (path.startsWith('/api/v1/status')) return Response.json(sampleStatus({ hostname: 'gw2' }));
    if (path.startsWith('/api/v1/timeline')) return Response.json({ since: '', until: '', links: [] });
    return Response.json({ events: [], runs: [], next: null, head_seq: 3 });
  }
}

/** Nothing waits: what is due later is due now. */
const hastyClock: FeedClock = {
  now: () => 0,
  wall: () => Date.parse(sampleIso(0)),
  chance: () => 0,
  after: (_, run) => queueMicrotask(run),
  nextFrame: (run) => queueMicrotask(run),
  delay: (_, signal) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve());
    }),
};

function setUp(): { server: SampleServer; store: Store; feed: Feed } {
  const server = new SampleServer();
  const store = new Store(0);
  const feed = new Feed(store, new ApiClient(server.transport), hastyClock);
  feed.start();
  return { server, store, feed };
}

/** Until `condition`: a bounded number of turns of the event loop. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !condition(); turn++)
    await new Promise((resolve) => setImmediate(resolve));
  expect(condition()).toBe(true);
}

test('a feed fills the store from the stream, and reads the rest once', async () => {
  const { server, store, feed } = setUp();
  server.send(greeting);
  await until(() => store.links.value.size === 1);
  for (const path of ['/api/v1/timeline', '/api/v1/hooks/runs', '/api/v1/events?'])
    expect(server.asked(path)).toBe(1);
  feed.pause();
});

test('a bookmark is the occasion to read the status again', async () => {
  const { server, store, feed } = setUp();
  server.send(greeting);
  await until(() => store.status.value?.hostname === 'gw1');
  server.send(block('bookmark', { time: sampleIso(15) }, 'e.3'));
  await until(() => store.status.value?.hostname === 'gw2');
  feed.pause();
});

test('a link that a record is about is read again', async () => {
  const { server, store, feed } = setUp();
  server.send(greeting);
  await until(() => store.links.value.size === 1);
  server.send(block('record', sampleEvent(4), 'e.4'));
  await until(() => store.links.value.get(2)?.mtu === 9000);
  expect(server.asked('/api/v1/interfaces/eth2')).toBe(1);
  feed.pause();
});

test('a feed that was paused resumes behind the last record, and asks for no list again', async () => {
  const { server, store, feed } = setUp();
  server.send(greeting + block('record', sampleEvent(4), 'e.4'));
  await until(() => store.timeline.value.rows.length === 1);
  feed.pause();
  expect(store.connection.value.kind).toBe('paused');
  feed.start();
  await until(() => server.resumedFrom.length === 2);
  expect(server.resumedFrom).toEqual([undefined, 'e.4']);
  server.send(block('hello', { epoch: 'e', time: sampleIso(1) }) + block('record', sampleEvent(5), 'e.5'));
  await until(() => store.timeline.value.rows.length === 2);
  expect(server.asked('/api/v1/events?')).toBe(1);
  feed.pause();
});

test('starting twice opens one stream', async () => {
  const { server, feed } = setUp();
  feed.start();
  await until(() => server.resumedFrom.length > 0);
  expect(server.resumedFrom).toHaveLength(1);
  feed.pause();
});
