/**
 * The control socket: a listener of node:net, whose connections have a descriptor, so that the kernel says who connected.
 * node:http is loaded with the first one: a daemon that nobody controls does not have it in memory.
 */

import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import type {
  BodyRead,
  BodyStream,
  HttpAnswer,
  HttpCaller,
  HttpHandler,
  HttpRequest,
} from '../../ports/http.ts';
import type { PeerCredentials } from '../native.ts';
import type { Listener } from './listeners.ts';
import { bindPrivately } from './unix-path.ts';

export interface ControlSocketParts {
  readonly path: string;
  readonly handler: HttpHandler;
  readonly peerOf: (descriptor: number) => PeerCredentials;
}

/** Connections at the same time: root and the daemon's own user alone can connect. */
const mostConnections = 64;
/** Milliseconds for the headers of a request, and for all of it. */
const headersTimeout = 10_000;
const requestTimeout = 30_000;

/** Listens; mode 0600. Rejects with the errno's `code`. */
export async function listenOnControlSocket(parts: ControlSocketParts): Promise<Listener> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const http = new LazyHttp(parts.handler);
  const server = createServer((socket) => void http.accept(socket, callerOf(socket, parts)));
  server.maxConnections = mostConnections;
  server.once('error', reject);
  bindPrivately(() => server.listen(parts.path, resolve));
  await promise;
  return { port: 0, stop: (atOnce) => stop(server, http, atOnce) };
}

/** Without credentials, where the runtime does not show the descriptor, the caller is nobody in particular. */
function callerOf(socket: Socket, { peerOf }: ControlSocketParts): HttpCaller {
  const { _handle } = socket as Socket & { readonly _handle?: { readonly fd?: number } };
  const descriptor = _handle?.fd;
  if (descriptor === undefined || descriptor < 0) return { door: 'control' };
  const { uid, pid } = peerOf(descriptor);
  return { door: 'control', process: { uid, pid } };
}

function stop(server: Server, http: LazyHttp, atOnce: boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  http.close(atOnce);
  return promise;
}

/** HTTP on sockets that somebody else has accepted. */
class LazyHttp {
  readonly #handler: HttpHandler;
  readonly #callers = new WeakMap<Socket, HttpCaller>();
  readonly #sockets = new Set<Socket>();
  #server: Promise<HttpServer> | undefined;

  constructor(handler: HttpHandler) {
    this.#handler = handler;
  }

  async accept(socket: Socket, caller: HttpCaller): Promise<void> {
    this.#callers.set(socket, caller);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    this.#server ??= this.#load();
    const server = await this.#server;
    server.emit('connection', socket);
  }

  /** Ends connections; those that wait for nothing, or all. */
  close(atOnce: boolean): void {
    void this.#server?.then((server) => server.closeIdleConnections());
    if (atOnce) for (const socket of this.#sockets) socket.destroy();
  }

  async #load(): Promise<HttpServer> {
    const { createServer: createHttpServer } = await import('node:http');
    return createHttpServer(
      { headersTimeout, requestTimeout },
      (request, response) => void this.#answer(request, response),
    );
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const caller = this.#callers.get(request.socket) ?? { door: 'control' };
    const answer = await this.#handler(fromMessage(request, caller));
    send(answer, request.method === 'HEAD', response);
  }
}

function fromMessage(message: IncomingMessage, caller: HttpCaller): HttpRequest {
  const [target = '/'] = (message.url ?? '/').replace(/^[a-z]+:\/\/[^/?#]*/i, '').split('#');
  const [path = '/', ...query] = target.split('?');
  return {
    method: message.method ?? 'GET',
    path: path === '' ? '/' : path,
    query: query.join('?'),
    caller,
    header: (name) => {
      const value = message.headers[name.toLowerCase()];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    body: (limit) => readBody(message, limit),
  };
}

async function readBody(message: IncomingMessage, limit: number): Promise<BodyRead> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of message as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > limit) return { ok: false, problem: 'too-large' };
      pieces.push(piece);
    }
  } catch {
    return { ok: false, problem: 'cut' };
  }
  return { ok: true, bytes: Buffer.concat(pieces) };
}

function send({ status, headers, body }: HttpAnswer, isHead: boolean, response: ServerResponse): void {
  response.writeHead(status, headers);
  if (body.kind === 'stream') {
    if (!isHead) {
      pump(body.stream, response);
      return;
    }
    body.stream.cancel();
  }
  if (body.kind === 'bytes' && !isHead) response.end(body.bytes);
  else response.end();
}

/** Writes what there is, and goes on when the socket has taken it. */
function pump(stream: BodyStream, response: ServerResponse): void {
  const step = (): void => {
    for (;;) {
      const piece = stream.take();
      if (piece === undefined) {
        stream.whenReady(step);
        return;
      }
      if (piece === null) {
        response.end();
        return;
      }
      if (!response.write(piece)) {
        response.once('drain', step);
        return;
      }
    }
  };
  response.once('close', () => stream.cancel());
  step();
}
