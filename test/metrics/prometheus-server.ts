/** A real Prometheus on loopback, for the time of a test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { programPath, scratchDirectory } from './prometheus.ts';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface VectorAnswer {
  readonly status: string;
  readonly error?: string;
  readonly data?: {
    readonly result: readonly { readonly metric: Sample['labels']; readonly value: [number, string] }[];
  };
}

export class PrometheusServer implements AsyncDisposable {
  readonly #scratch = scratchDirectory();
  #process: ChildProcess | undefined;
  #address = '';

  /**
   * `config` and `rules` are the texts of the files; the configuration refers to the rules as
   * `netevd.rules.yml`.
   */
  async start(config: string, rules: string): Promise<void> {
    const { path } = this.#scratch;
    writeFileSync(join(path, 'prometheus.yml'), config);
    writeFileSync(join(path, 'netevd.rules.yml'), rules);
    this.#address = `127.0.0.1:${await freePort()}`;
    const log = openSync(join(path, 'log'), 'w');
    const words = [
      `--config.file=${join(path, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(path, 'data')}`,
      `--web.listen-address=${this.#address}`,
    ];
    this.#process = spawn(programPath('prometheus'), words, { stdio: ['ignore', log, log] });
    closeSync(log);
    await this.until('it is ready', async () => (await fetch(`http://${this.#address}/-/ready`)).ok);
  }

  /** What an instant query answers now. */
  async query(expr: string): Promise<Sample[]> {
    const response = await fetch(`http://${this.#address}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query: expr }),
    });
    const { status, error, data } = (await response.json()) as VectorAnswer;
    if (status !== 'success') throw new Error(`${expr}: ${error}`);
    return (data?.result ?? []).map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** The answer of its HTTP API, `/api/v1/…`, as JSON. */
  async get(path: string): Promise<unknown> {
    return (await fetch(`http://${this.#address}${path}`)).json();
  }

  /** Polls until `isSo`; rejects with `what` after 90 seconds. */
  async until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + 90_000;
    while (!(await isSo().catch(isRefused))) {
      if (this.#process?.exitCode !== null) throw new Error(`Prometheus has ended: ${this.#log()}`);
      if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process?.exitCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await ended;
    }
    this.#scratch[Symbol.dispose]();
  }

  #log(): string {
    return readFileSync(join(this.#scratch.path, 'log'), 'utf8').split('\n').slice(-4).join('\n');
  }
}

/** False while Prometheus does not listen yet; throws any other error. */
function isRefused(error: unknown): false {
  if (error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED') return false;
  throw error;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  server.close();
  await once(server, 'close');
  return port;
}
