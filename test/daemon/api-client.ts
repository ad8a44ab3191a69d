/** Asks a daemon under test over its doors. */
import { connect } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Throws where the body is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared with literals
  readonly json: any;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Unix socket; TCP without one. */
  readonly socket?: string;
  readonly tls?: { readonly rejectUnauthorized: boolean };
}

/** One request; `target` is a path, or a whole URL for TCP. */
export async function ask(target: string, options: AskOptions = {}): Promise<Answer> {
  const { socket, ...rest } = options;
  const url = target.startsWith('/') ? `http://localhost${target}` : target;
  const response = await fetch(url, { ...rest, ...(socket !== undefined && { unix: socket }) });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    get json() {
      return JSON.parse(text);
    },
  };
}

/** Sends bytes over TCP; resolves with all that comes back until the peer closes, or `ms` have passed. */
export function sendRaw(port: number, text: string, ms: number = 1000): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (piece) => {
    received += piece.toString('latin1');
  });
  socket.on('error', () => undefined);
  const timer = setTimeout(() => socket.destroy(), ms);
  socket.on('close', () => {
    clearTimeout(timer);
    resolve(received);
  });
  socket.write(text);
  return promise;
}
