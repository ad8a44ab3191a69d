/**
 * What the checks of the dashboard need from whatever serves it: an invented host behind a small server, or a daemon on
 * a real kernel.
 */
import type { FakeHost } from './fake-host.ts';
import { FakeServer, type ServerOptions } from './fake-server.ts';

export interface World extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
  readonly hostname: string;
  /** The API token; secrets need it. */
  readonly token: string;
  /** A watched link that has its carrier. */
  readonly link: string;
  /** The link loses its carrier, and gets it back. */
  pullCable(): Promise<void>;
  plugCable(): Promise<void>;
  /** The daemon stops; it comes back at the same address. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** The invented host as a world. */
export class FakeWorld implements World {
  readonly token: string = 'correct-horse';
  readonly link: string = 'eth0';
  readonly host: FakeHost;
  readonly #options: ServerOptions;
  #server: FakeServer;

  constructor(host: FakeHost, options: ServerOptions = {}) {
    this.host = host;
    this.#options = { token: this.token, ...options };
    this.#server = new FakeServer(host, this.#options);
  }

  get url(): string {
    return this.#server.url;
  }

  get server(): FakeServer {
    return this.#server;
  }

  get hostname(): string {
    return this.host.hostname;
  }

  async pullCable(): Promise<void> {
    this.host.pullCable(this.link);
    await Promise.resolve();
  }

  async plugCable(): Promise<void> {
    this.host.plugCable(this.link);
    await Promise.resolve();
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  async start(): Promise<void> {
    await this.restart({});
  }

  /** Starts a server at the same address, with other options. */
  async restart(options: ServerOptions): Promise<void> {
    this.#server = new FakeServer(this.host, { ...this.#options, ...options, port: this.#server.port });
    await Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop();
  }
}
