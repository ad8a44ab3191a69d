import { describe, expect, test } from 'bun:test';
import type { TransportRequest } from './transport.ts';
import { type WatchClock, type WatchMessage, watch } from './watch.ts';

/** A clock that moves when told to; waits end when it has passed them. */
class ManualClock implements WatchClock {
  #now = 0;
  readonly #waits = new Set<{ readonly until: number; readonly done: () => void }>();
  now = (): number => this.#now;
  chance = (): number => 0;
  delay = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const wait = { until: this.#now + ms, done: resolve };
      if (signal.aborted) return resolve();
      this.#waits.add(wait);
      signal.addEventListener('abort', () => {
        this.#waits.delete(wait);
        resolve();
      });
    });
  advance(ms: number): void {
    this.#now += ms;
    for (const wait of this.#waits) {
      if (wait.until > this.#now) continue;
      this.#waits.delete(wait);
      wait.done();
    }
  }
}

interface Connection {
  readonly path: string;
  readonly request: TransportRequest;
  send(text: string): void;
  close(): void;
}

/** A server whose connections the test writes to; it can refuse the next ones. */
class ManualServer {
  readonly connections: Connection[] = [];
  readonly refusals: (Response | Error)[] = [];
  transport = (path: string, request: TransportRequest): Promise<Response> => {
    const refusal = this.refusals.shift();
    if (refusal !== undefined)
      return refusal instanceof Error ? Promise.reject(refusal) : Promise.resolve(refusal);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const quiet = (): void => undefined;
    request.signal?.addEventListener('abort', () => void writer.abort(new Error('aborted')).catch(quiet));
    this.connections.push({
      path,
      request,
      send: (text) => void writer.write(new TextEncoder().encode(text)).catch(quiet),
      close: () => void writer.close().catch(quiet),
    });
    return Promise.resolve(new Response(readable));
  };
}

const block = (event: string, data: object, id?: string): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
const hello = block('hello', { epoch: 'e' });
const record = (seq: number): string => block('record', { id: `e/${seq}`, seq }, `e.${seq}`);

interface Setup {
  readonly clock: ManualClock;
  readonly server: ManualServer;
  readonly stop: AbortController;
  next(): Promise<WatchMessage | undefined>;
  types(count: number): Promise<readonly string[]>;
}

function setUp(options: { lastId?: string; silenceMs?: number } = {}): Setup {
  const clock = new ManualClock();
  const server = new ManualServer();
  const stop = new AbortController();
  const messages = watch({
    transport: server.transport,
    clock,
    signal: stop.signal,
    query: { snapshot: 1, interface: 'eth0' },
    ...options,
  });
  const next = async (): Promise<WatchMessage | undefined> => {
    const { value } = await messages.next();
    return value ?? undefined;
  };
  const types = async (count: number): Promise<readonly string[]> => {
    const seen: string[] = [];
    while (seen.length < count) seen.push((await next())?.type ?? 'end');
    return seen;
  };
  return { clock, server, stop, next, types };
}

describe('watching', () => {
  test('yields what the server sends, with the id to resume from', async () => {
    const { server, next, types } = setUp();
    const first = next();
    server.connections[0]?.send(hello + record(1));
    expect(await first).toEqual({ type: 'connected', resumed: false });
    expect(await types(1)).toEqual(['hello']);
    expect(await next()).toMatchObject({ type: 'record', lastId: 'e.1' });
    expect(server.connections[0]?.path).toBe('/api/v1/events/stream?interface=eth0&snapshot=1');
  });

  test('resumes by the last id after the server has gone, and asks for no second snapshot', async () => {
    const { clock, server, next, types } = setUp();
    const first = types(4);
    server.connections[0]?.send(hello + record(7) + block('bye', { reason: 'stopping' }));
    expect(await first).toEqual(['connected', 'hello', 'record', 'bye']);
    server.connections[0]?.close();
    expect(await next()).toMatchObject({ type: 'disconnected', retryMs: 2000, lastId: 'e.7' });
    const second = next();
    clock.advance(2000);
    expect(await second).toMatchObject({ type: 'connected', resumed: true });
    expect(server.connections[1]?.path).toBe('/api/v1/events/stream?interface=eth0');
    expect(server.connections[1]?.request.headers?.['last-event-id']).toBe('e.7');
  });

  test('waits longer after each failure, and starts over once the server has said hello', async () => {
    const { clock, server, next, types } = setUp();
    server.refusals.push(new Error('down'), new Error('down'));
    const waits: number[] = [];
    const wait = async (): Promise<void> => {
      const message = await next();
      if (message?.type === 'disconnected') waits.push(message.retryMs);
    };
    await wait();
    const again = wait();
    clock.advance(2000);
    await again;
    const connected = types(2);
    clock.advance(4000);
    await waitForConnection(server, 1);
    server.connections[0]?.send(hello);
    expect(await connected).toEqual(['connected', 'hello']);
    server.connections[0]?.close();
    await wait();
    expect(waits).toEqual([2000, 4000, 2000]);
  });

  test('waits as long as a full server asks for', async () => {
    const { server, next } = setUp();
    server.refusals.push(new Response('', { status: 503, headers: { 'retry-after': '9' } }));
    expect(await next()).toMatchObject({ type: 'disconnected', retryMs: 9000 });
  });

  test('takes the wait that the server names', async () => {
    const { server, next, types } = setUp();
    const first = types(2);
    server.connections[0]?.send(`retry: 500\n\n${hello}`);
    await first;
    server.connections[0]?.close();
    expect(await next()).toMatchObject({ type: 'disconnected', retryMs: 500 });
  });

  test('gives up a connection that has gone silent', async () => {
    const { clock, server, next, types } = setUp({ silenceMs: 40_000 });
    const first = types(2);
    server.connections[0]?.send(hello);
    await first;
    const lost = next();
    clock.advance(39_999);
    clock.advance(1);
    expect(await lost).toMatchObject({ type: 'disconnected', problem: { error: { code: 'STREAM_SILENT' } } });
  });

  test('keeps a connection whose bookmarks come', async () => {
    const { clock, server, types } = setUp({ silenceMs: 40_000 });
    const first = types(2);
    server.connections[0]?.send(hello);
    await first;
    for (const seq of [1, 2, 3]) {
      clock.advance(30_000);
      server.connections[0]?.send(block('bookmark', { time: 't' }, `e.${seq}`));
      expect(await types(1)).toEqual(['bookmark']);
    }
  });

  test('passes a gap and the snapshot after it on, in their order', async () => {
    const { server, types, next } = setUp({ lastId: 'e.3' });
    const first = types(3);
    server.connections[0]?.send(
      hello + block('gap', { cause: 'expired', lost: 5 }) + block('snapshot', {}, 'e.9'),
    );
    expect(await first).toEqual(['connected', 'hello', 'gap']);
    expect(await next()).toMatchObject({ type: 'snapshot', lastId: 'e.9' });
  });

  for (const status of [400, 401, 403, 404]) {
    test(`ends where the server answers ${status}`, async () => {
      const { server, next, types } = setUp();
      server.refusals.push(Response.json({ error: { code: 'x', message: 'm', details: null } }, { status }));
      expect(await next()).toMatchObject({ type: 'refused', problem: { status } });
      expect(await types(1)).toEqual(['end']);
    });
  }

  test('ends, and closes its connection, when it is aborted', async () => {
    const { server, stop, types, next } = setUp();
    const first = types(2);
    server.connections[0]?.send(hello);
    await first;
    const end = next();
    stop.abort();
    expect(await end).toBeUndefined();
    expect(server.connections[0]?.request.signal?.aborted).toBe(true);
  });
});

async function waitForConnection(server: ManualServer, count: number): Promise<void> {
  for (let turn = 0; server.connections.length < count && turn < 1000; turn++) await Promise.resolve();
}
