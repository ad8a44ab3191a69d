/** Listeners on `Bun.serve`: the socket of the group, TCP, TLS. */
import type { DoorName, HttpCaller, HttpHandler } from '../../ports/http.ts';
import { answerRequest } from './bun-request.ts';
import { bindPrivately } from './unix-path.ts';

export interface Listener {
  /** TCP port; 0 for a Unix socket. */
  readonly port: number;
  /** Takes no more connections. `atOnce`: closes those that there are, too. */
  stop(atOnce: boolean): Promise<void>;
}

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

/**
 * Seconds without a byte after which a connection is closed, to the next multiple of four: silent peers, slow requests, and
 * readers of the stream that do not read. The stream writes every 15 s.
 */
const idleTimeout = 60;
/**
 * Bytes of a body that the runtime takes before it answers by itself, without one. The router's own limit is lower, so that
 * a client gets the usual error.
 */
const maxRequestBodySize = 1024 * 1024;

/** Listens on a Unix socket that only this user can open, until its mode is changed. */
export function listenOnSocket(path: string, door: DoorName, handler: HttpHandler): Listener {
  const caller: HttpCaller = { door };
  // The types say that a Unix socket has no such timeout; it has, of 10 s where none is given.
  const options = {
    unix: path,
    idleTimeout,
    maxRequestBodySize,
    fetch: (request: Request) => answerRequest(request, caller, handler),
  } as unknown as Bun.Serve.Options<undefined>;
  const server = bindPrivately(() => Bun.serve(options));
  return { port: 0, stop: (atOnce) => server.stop(atOnce) };
}

export interface TcpOptions {
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  readonly door: DoorName;
  readonly certificate: Certificate | undefined;
}

/** Listens on TCP. Throws with the errno's `code` where that is impossible: EADDRINUSE, EADDRNOTAVAIL, EACCES. */
export function listenOnTcp(
  { address, port, door, certificate }: TcpOptions,
  handler: HttpHandler,
): Listener {
  const server = Bun.serve({
    hostname: address,
    port,
    idleTimeout,
    maxRequestBodySize,
    ...(certificate !== undefined && { tls: certificate }),
    fetch: (request, own) => {
      const peer = own.requestIP(request);
      return answerRequest(request, { door, ...(peer !== null && { address: peer.address }) }, handler);
    },
  });
  return { port: server.port ?? port, stop: (atOnce) => server.stop(atOnce) };
}
