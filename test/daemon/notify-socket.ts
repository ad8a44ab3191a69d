/** The socket of a service manager: receives a daemon's messages of sd_notify(3). */
import { type ChildProcess, spawn } from 'node:child_process';
import { nativeProgram } from '../../src/testing/native-program.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';

export interface Notification {
  /** CLOCK_MONOTONIC in microseconds when it arrived. */
  readonly at: number;
  readonly assignments: Readonly<Record<string, string>>;
}

export class NotifySocket implements Disposable {
  readonly path: string;
  readonly #process: ChildProcess;
  #text = '';

  constructor(path: string) {
    this.path = path;
    this.#process = spawn(nativeProgram('notify-receive'), [path], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process.stdout?.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString();
    });
  }

  async ready(): Promise<this> {
    await waitUntil('the notify socket', () => this.#text.startsWith('ready\n'));
    return this;
  }

  get received(): Notification[] {
    return this.#text
      .split('\n')
      .slice(1, -1)
      .map((line) => {
        const [at = '', ...rest] = line.split(' ');
        const pairs = rest
          .join(' ')
          .split('|')
          .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
        return { at: Number(at), assignments: Object.fromEntries(pairs) as Record<string, string> };
      });
  }

  /** Those that assign this variable. */
  of(name: string): Notification[] {
    return this.received.filter(({ assignments }) => name in assignments);
  }

  /** In their order, `WATCHDOG` aside: `READY`, `RELOADING` … */
  get story(): string[] {
    return this.received
      .map(({ assignments }) => Object.keys(assignments)[0] ?? '')
      .filter((name) => name !== 'WATCHDOG');
  }

  [Symbol.dispose](): void {
    this.#process.kill();
  }
}
