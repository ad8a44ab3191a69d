/**
 * The runner's socket: one request and its answers per connection. The descriptor comes from the service manager
 * (sd_listen_fds(3)); the kernel says who connected.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { maxRequestBytes, type RunnerAnswer } from '../core/hooks/delegation.ts';
import { type Millis, millis } from '../core/model/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Accepted } from './executor.ts';

export interface ServerParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** Whose requests are read: the daemon's user, and root. */
  readonly uids: readonly number[];
  /** User of the process that connected; throws where that cannot be known. */
  uidOf(descriptor: number): number;
  request(line: string): Accepted;
  running(): number;
}

/** Connections at the same time. The daemon runs the hooks of `hooks.max_parallel` links beside each other. */
const maxConnections = 64;
const requestTimeout: Millis = millis(10_000);
/** Without a connection and a running hook; then the service manager starts the next one. */
const idleAfter: Millis = millis(30_000);

export class RunnerServer {
  readonly #parts: ServerParts;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #idle = Promise.withResolvers<void>();
  #timer: Disposable | undefined;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Resolves when nobody has needed the runner for a while. */
  get idle(): Promise<void> {
    return this.#idle.promise;
  }

  /** Listens on an open descriptor. Rejects where it is no listening socket. */
  async listen(descriptor: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen({ fd: descriptor }, resolve);
    await promise;
    this.#watchIdle();
  }

  #accept(socket: Socket): void {
    // A peer that is gone: its hook goes on.
    socket.on('error', () => socket.destroy());
    if (this.#sockets.size >= maxConnections || !this.#isTrusted(socket)) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    this.#timer?.[Symbol.dispose]();
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#watchIdle();
    });
    this.#read(socket);
  }

  #isTrusted(socket: Socket): boolean {
    const { _handle } = socket as Socket & { readonly _handle?: { readonly fd?: number } };
    const descriptor = _handle?.fd;
    if (descriptor === undefined || descriptor < 0) return false;
    let uid: number;
    try {
      uid = this.#parts.uidOf(descriptor);
    } catch {
      return false;
    }
    if (this.#parts.uids.includes(uid)) return true;
    this.#parts.log.warn(`connection: refused, it is of user ${uid}`, {
      component: 'runner',
      repeatKey: 'peer',
    });
    return false;
  }

  #read(socket: Socket): void {
    const chunks: Buffer[] = [];
    let length = 0;
    const timer = this.#parts.clock.schedule(requestTimeout, () => socket.destroy());
    socket.once('close', () => timer[Symbol.dispose]());
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      length += chunk.length;
      const end = chunk.indexOf(10);
      if (end < 0 && length <= maxRequestBytes) return;
      timer[Symbol.dispose]();
      socket.off('data', onData);
      socket.resume();
      const whole = Buffer.concat(chunks).subarray(0, length - chunk.length + Math.max(0, end));
      // What is too long is no request; a text of no bytes is refused in the same way.
      void this.#answer(socket, end < 0 || whole.length > maxRequestBytes ? '' : whole.toString('utf8'));
    };
    socket.on('data', onData);
  }

  async #answer(socket: Socket, line: string): Promise<void> {
    const { accepted, report } = this.#parts.request(line);
    send(socket, accepted);
    send(socket, { kind: 'ended', report: await report });
    socket.end();
    this.#watchIdle();
  }

  #watchIdle(): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#sockets.size > 0) return;
    this.#timer = this.#parts.clock.schedule(idleAfter, () => {
      if (this.#parts.running() > 0) this.#watchIdle();
      else this.#idle.resolve();
    });
  }
}

function send(socket: Socket, answer: RunnerAnswer): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(answer)}\n`);
}
