/** A server of the API for tests of its clients: answers by path, a stream that the test writes to, and faults. */
import type { Transport } from '../client/transport.ts';
import type { EndpointPath, Endpoints, ErrorAnswer, NetevdRecord, StreamMessage } from '../client/types.ts';
import {
  rowOf,
  sampleDetails,
  sampleEvents,
  sampleHooks,
  sampleInterfaces,
  sampleRoutes,
  sampleRules,
  sampleRun,
  sampleRunSummary,
  sampleStatus,
} from './sample-answers.ts';

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** One open stream. */
export interface FakeStream {
  readonly request: SeenRequest;
  send(message: StreamMessage, id?: string): void;
  end(): void;
}

type Answers = { [Path in EndpointPath]?: Endpoints[Path]['answer'] };

/** The answers of the sample host. */
const sampleAnswers: Answers = {
  '/api/v1/status': sampleStatus,
  '/api/v1/interfaces': { interfaces: sampleInterfaces, count: sampleInterfaces.length },
  '/api/v1/interfaces/{name}': sampleDetails,
  '/api/v1/routes': { routes: sampleRoutes, count: sampleRoutes.length, has_more: false, next: null },
  '/api/v1/rules': { rules: sampleRules, count: sampleRules.length },
  '/api/v1/hooks': sampleHooks,
  '/api/v1/hooks/runs': { runs: [sampleRunSummary], count: 1, has_more: false, next: null },
  '/api/v1/hooks/runs/{id}': sampleRun,
};

/** Serves the sample host; a test replaces what it needs. */
export class FakeApi {
  readonly requests: SeenRequest[] = [];
  readonly streams: FakeStream[] = [];
  readonly answers: Answers = { ...sampleAnswers };
  /** Records of `/api/v1/events`, oldest first. */
  records: readonly NetevdRecord[] = sampleEvents;
  /** By method and path: an answer in place of the usual one. */
  readonly replaced: Map<string, () => Response> = new Map();

  /** Requests that never leave the process. */
  readonly transport: Transport = (path, request) =>
    this.handle(new Request(`http://netevd${path}`, request as RequestInit));

  /** For `Bun.serve`. */
  readonly handle: (request: Request) => Promise<Response> = async (request) => {
    const url = new URL(request.url);
    const seen: SeenRequest = {
      method: request.method,
      path: `${url.pathname}${url.search}`,
      headers: request.headers,
      body: request.method === 'POST' ? await request.text() : '',
    };
    this.requests.push(seen);
    const replaced = this.replaced.get(`${request.method} ${url.pathname}`);
    if (replaced !== undefined) return replaced();
    if (url.pathname === '/api/v1/events/stream') return this.#stream(seen, request.signal);
    if (url.pathname === '/api/v1/events') return this.#events(url.searchParams);
    const answer = this.#answerOf(url);
    return answer === undefined ? notFound(url.pathname) : Response.json(answer);
  };

  #answerOf({ pathname }: URL): unknown {
    const exact = new Map<string, unknown>(Object.entries(this.answers)).get(pathname);
    if (exact !== undefined) return exact;
    const interfaceName = /^\/api\/v1\/interfaces\/([^/]+)$/.exec(pathname)?.[1];
    if (interfaceName !== undefined) {
      const details = this.answers['/api/v1/interfaces/{name}'];
      return details?.name === decodeURIComponent(interfaceName) ? details : undefined;
    }
    return /^\/api\/v1\/hooks\/runs\/(.*\.)?48214$/.test(pathname)
      ? this.answers['/api/v1/hooks/runs/{id}']
      : undefined;
  }

  /** Newest first with `until` as a number, or without bounds; oldest first after `since` as a number. */
  #events(query: URLSearchParams): Response {
    const limit = Number(query.get('limit') ?? 100);
    const isForward = query.has('since') && !query.has('until');
    const bound = (name: string, preset: number): number =>
      query.has(name) && /^\d+$/.test(query.get(name) ?? '') ? Number(query.get(name)) : preset;
    const wanted = this.records
      .filter(({ seq }) => seq > bound('since', 0) && seq < bound('until', Number.POSITIVE_INFINITY))
      .filter(({ link }) => !query.has('interface') || link === query.get('interface'))
      .filter(({ event }) => !query.has('event_type') || event === query.get('event_type'));
    const ordered = isForward ? wanted : wanted.toReversed();
    const page = ordered.slice(0, limit);
    const more = ordered.length > page.length;
    return Response.json({
      events: page.map(rowOf),
      count: page.length,
      has_more: more,
      next: more ? String(page.at(-1)?.seq) : null,
      oldest_seq: this.records[0]?.seq ?? null,
      head_seq: this.records.at(-1)?.seq ?? null,
      truncated: bound('since', 1e9) < (this.records[0]?.seq ?? 0) - 1,
    });
  }

  #stream(request: SeenRequest, signal: AbortSignal): Response {
    const encoder = new TextEncoder();
    let isOpen = true;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const end = (): void => {
          if (isOpen) controller.close();
          isOpen = false;
        };
        signal.addEventListener('abort', end);
        this.streams.push({
          request,
          end,
          send: (message, id) => {
            if (isOpen) controller.enqueue(encoder.encode(blockOf(message, id)));
          },
        });
      },
      cancel: () => {
        isOpen = false;
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  }
}

/** One message as Server-Sent Events spell it. */
function blockOf(message: StreamMessage, id: string | undefined): string {
  const { type, ...rest } = message;
  const data = message.type === 'record' ? message.record : rest;
  return `event: ${type}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}

/** The body of an error. */
export const errorAnswer = (
  status: number,
  code: string,
  message: string,
  details: ErrorAnswer['error']['details'] = null,
): Response => Response.json({ error: { code, message, details } } satisfies ErrorAnswer, { status });

const notFound = (path: string): Response => errorAnswer(404, 'NETEVD_API_NOT_FOUND', `there is no ${path}`);
