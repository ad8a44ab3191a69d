/** The documented API over an invented host, on loopback: for the tests of the dashboard, until they run on a daemon. */
import type { EventRow, EventsAnswer, NetevdRecord, Severity } from '../../src/client/types.ts';
import { parseCursor } from '../../src/client/url.ts';
import { type PageAsset, pageAssets, pageHeaders } from '../../src/web/assets.ts';
import { explainAnswer } from './fake-answers.ts';
import type { FakeHost } from './fake-host.ts';

export interface ServerOptions {
  /** 0: any free one. */
  readonly port?: number;
  /** Everything but the page needs it; otherwise only what is secret does. */
  readonly token?: string;
  readonly needsTokenForAll?: boolean;
  /** Records that the server has forgotten: up to and with this number. */
  readonly forgotten?: number;
}

const encoder = new TextEncoder();
type Send = (text: string) => void;

export class FakeServer {
  readonly #host: FakeHost;
  readonly #options: ServerOptions;
  readonly #server: ReturnType<typeof Bun.serve>;
  readonly #streams = new Map<Send, () => void>();
  readonly #stopListening: () => void;
  /** Also after it has stopped. */
  readonly port: number;
  readonly #assets: ReadonlyMap<string, PageAsset>;
  /** Paths of the requests, oldest first. */
  readonly requests: string[] = [];

  constructor(host: FakeHost, options: ServerOptions = {}) {
    this.#host = host;
    this.#options = options;
    this.#assets = new Map(pageAssets().map((asset) => [asset.path, asset]));
    this.#server = Bun.serve({
      hostname: '127.0.0.1',
      port: options.port ?? 0,
      idleTimeout: 60,
      fetch: (request) => this.#answer(request),
    });
    this.port = this.#server.port ?? 0;
    this.#stopListening = host.listen((record) => this.#broadcast(record));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get streams(): number {
    return this.#streams.size;
  }

  /** `isPolite`: streams are told that it stops. */
  async stop(isPolite: boolean = true): Promise<void> {
    this.#stopListening();
    for (const [send, end] of this.#streams) {
      if (isPolite) send(block('bye', { reason: 'stopping' }));
      end();
    }
    await this.#server.stop(true);
  }

  /** To every stream: what comes every 15 seconds. */
  bookmark(): void {
    for (const send of this.#streams.keys()) send(this.#bookmark());
  }

  #answer(request: Request): Response {
    const url = new URL(request.url);
    this.requests.push(`${url.pathname}${url.search}`);
    const asset = this.#assets.get(url.pathname);
    if (asset !== undefined) return serveAsset(asset, request);
    const authorized = request.headers.get('authorization') === `Bearer ${this.#options.token}`;
    const isSecret = url.pathname.startsWith('/api/v1/hooks/runs/') || url.pathname === '/api/v1/config';
    const needsToken =
      this.#options.needsTokenForAll === true || (isSecret && this.#options.token !== undefined);
    if (needsToken && !authorized) return failure(401, 'NETEVD_API_UNAUTHORIZED', 'this needs the API token');
    if (url.pathname === '/api/v1/events/stream') return this.#stream(request, url);
    return this.#read(request, url);
  }

  #read(request: Request, url: URL): Response {
    const host = this.#host;
    const path = url.pathname;
    const interfaceName = /^\/api\/v1\/interfaces\/(.+)$/.exec(path)?.[1];
    const runId = /^\/api\/v1\/hooks\/runs\/(.+)$/.exec(path)?.[1];
    if (interfaceName !== undefined) return this.#interface(decodeURIComponent(interfaceName));
    if (runId !== undefined) return this.#output(runId);
    switch (path) {
      case '/api/v1/status':
        return this.#json(request, host.status());
      case '/api/v1/interfaces':
        return this.#json(request, { interfaces: host.interfaces(), count: host.links.size });
      case '/api/v1/timeline':
        return this.#json(request, host.timeline(Number(url.searchParams.get('hours'))));
      case '/api/v1/events':
        return this.#json(request, this.#events(url.searchParams));
      case '/api/v1/hooks':
        return this.#json(request, host.hooks);
      case '/api/v1/hooks/runs':
        return this.#json(request, this.#runs(Number(url.searchParams.get('limit') ?? 100)));
      case '/api/v1/routing':
        return this.#json(request, host.routing);
      case '/api/v1/routing/explain':
        return this.#explain(request, url.searchParams);
      case '/api/v1/config':
        return this.#json(request, host.config);
      default:
        return failure(404, 'NETEVD_API_NOT_FOUND', `there is no ${path}`);
    }
  }

  #json(request: Request, value: object): Response {
    const etag = `"${Bun.hash(JSON.stringify({ ...value, time: '', uptime_seconds: 0 })).toString(36)}"`;
    if (request.headers.get('if-none-match') === etag)
      return new Response(null, { status: 304, headers: { etag } });
    return Response.json(value, { headers: { etag, 'cache-control': 'no-store' } });
  }

  #interface(name: string): Response {
    const link = this.#host.interfaces().find((known) => known.name === name);
    return link === undefined
      ? failure(404, 'NETEVD_API_NOT_FOUND', `there is no link ${name}`)
      : Response.json(link);
  }

  #output(id: string): Response {
    const output = this.#host.outputs.get(id.replace('.', '/'));
    return output === undefined
      ? failure(404, 'NETEVD_API_NOT_FOUND', 'there is no such run')
      : Response.json(output);
  }

  #explain(request: Request, query: URLSearchParams): Response {
    const [source = '', destination = ''] = [query.get('src') ?? '', query.get('dst') ?? ''];
    const wrong = [source, destination].find((text) => !/^[0-9a-f.:]+$/i.test(text));
    if (wrong !== undefined) return failure(400, 'NETEVD_API_QUERY', `${wrong} is not an IP address`);
    return this.#json(request, explainAnswer(source, destination));
  }

  #runs(limit: number): object {
    const runs = this.#host.records
      .flatMap((record) => (record.kind === 'hook_run' ? [record.run] : []))
      .toReversed()
      .slice(0, limit);
    return { runs, count: runs.length, has_more: false, next: null };
  }

  /** Newest first, or after `since`, oldest first. */
  #events(query: URLSearchParams): EventsAnswer {
    const limit = Number(query.get('limit') ?? 100);
    const kept = this.#host.records.filter(({ seq }) => seq > (this.#options.forgotten ?? 0));
    const since = seqOf(query.get('since'));
    const until = seqOf(query.get('until'));
    const chosen = kept.filter(
      (record) =>
        isWanted(record, query) &&
        (since === undefined || record.seq > since) &&
        (until === undefined || record.seq < until),
    );
    const ordered = since === undefined ? chosen.toReversed() : chosen;
    const page = ordered.slice(0, limit);
    const last = page.at(-1);
    return {
      events: page.map(rowOf),
      count: page.length,
      has_more: ordered.length > limit,
      next: ordered.length > limit && last !== undefined ? last.id.replace('/', '.') : null,
      oldest_seq: kept[0]?.seq ?? null,
      head_seq: this.#host.head,
      truncated: false,
    };
  }

  #stream(request: Request, url: URL): Response {
    let close: (() => void) | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const send: Send = (text) => controller.enqueue(encoder.encode(text));
        this.#streams.set(send, () => controller.close());
        close = () => this.#streams.delete(send);
        request.signal.addEventListener('abort', () => close?.());
        this.#greet(send, request.headers.get('last-event-id'), url.searchParams.get('snapshot') === '1');
      },
      cancel: () => close?.(),
    });
    return new Response(body, {
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    });
  }

  #greet(send: Send, lastId: string | null, wantsSnapshot: boolean): void {
    const { epoch, hostname, head, records } = this.#host;
    const oldest = (this.#options.forgotten ?? 0) + 1;
    const hello = { epoch, hostname, version: '0.4.0', time: this.#host.time(), oldest, head };
    send(`retry: 200\n\n${block('hello', hello)}`);
    const last = seqOf(lastId);
    if (last === undefined) {
      if (wantsSnapshot) send(this.#snapshot(head));
      return;
    }
    if (last < oldest - 1) {
      const [from, to] = [last + 1, oldest - 1].map((seq) => `${epoch}.${seq}`);
      send(block('gap', { cause: 'expired', from, to, oldest, lost: oldest - 1 - last }));
      send(this.#snapshot(oldest - 1));
    }
    for (const record of records) if (record.seq > Math.max(last, oldest - 1)) send(recordBlock(record));
  }

  /** `position`: the records after it follow. */
  #snapshot(position: number): string {
    const { epoch, head } = this.#host;
    const snapshot = { seq: head, status: this.#host.status(), interfaces: this.#host.interfaces() };
    return block('snapshot', snapshot, `${epoch}.${position}`);
  }

  #bookmark(): string {
    return block('bookmark', { time: this.#host.time() }, `${this.#host.epoch}.${this.#host.head}`);
  }

  #broadcast(record: NetevdRecord): void {
    const text = recordBlock(record);
    for (const send of this.#streams.keys()) send(text);
  }
}

const block = (event: string, data: object, id?: string): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;

const recordBlock = (record: NetevdRecord): string => block('record', record, record.id.replace('/', '.'));

const seqOf = (cursor: string | null): number | undefined =>
  cursor === null ? undefined : (parseCursor(cursor)?.seq ?? Number(cursor));

const ranks: Readonly<Record<Severity, number>> = { info: 0, warning: 1, error: 2 };

const isWanted = (record: NetevdRecord, query: URLSearchParams): boolean =>
  (query.get('interface') ?? record.link) === record.link &&
  (query.get('kind') ?? record.kind) === record.kind &&
  ranks[record.severity] >= ranks[(query.get('severity') ?? 'info') as Severity];

const rowOf = (record: NetevdRecord): EventRow => ({
  id: record.id,
  seq: record.seq,
  timestamp: record.ts,
  event_type: record.event,
  interface: record.link,
  action: record.message,
  details: record,
});

const failure = (status: number, code: string, message: string): Response =>
  Response.json({ error: { code, message, details: null } }, { status });

function serveAsset(asset: PageAsset, request: Request): Response {
  const headers = { ...pageHeaders, 'content-type': asset.contentType, etag: asset.etag };
  if (request.headers.get('if-none-match') === asset.etag)
    return new Response(null, { status: 304, headers });
  return new Response(asset.body, { headers });
}
