/** The whole command line in a test: its output, its exit code, and a daemon that is a `FakeApi`. */
import type { Transport } from '../client/transport.ts';
import { sampleNow } from './sample-answers.ts';

/** What a command wrote. */
export class Written {
  text = '';
  readonly write: (more: string) => void = (more) => {
    this.text += more;
  };
}

/** stdout and stderr of a test. `columns`: stdout is a terminal that wide. */
export interface TestIo {
  readonly stdout: Written;
  readonly stderr: Written;
  readonly isTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly columns?: number;
}

export const testIo = (columns?: number, env: TestIo['env'] = {}): TestIo => ({
  stdout: new Written(),
  stderr: new Written(),
  isTerminal: columns !== undefined,
  env,
  ...(columns === undefined ? {} : { columns }),
});

/** An error as `fetch` throws it. */
export const connectError = (code: string): Error =>
  Object.assign(new Error(`${code}: no connection`), { code });

/** What the test decides about the machine. */
export interface TestWorldOptions {
  readonly transport: Transport;
  readonly files?: Readonly<Record<string, string>>;
  /** Told which endpoint and token are used. */
  onConnect?(endpoint: object, token: string | undefined): void;
}

/** A machine whose clock stands still at `sampleNow`; `interrupt` is Ctrl-C. Waits end at once. */
export function testWorld({ transport, files = {}, onConnect }: TestWorldOptions): {
  readonly interrupt: () => void;
  readonly connect: (endpoint: object, token: string | undefined) => Transport;
  readonly sockets: () => { readonly read: string; readonly control: string };
  readonly readFile: (path: string) => string;
  readonly clock: {
    now(): number;
    chance(): number;
    delay(ms: number, signal: AbortSignal): Promise<void>;
  };
  readonly wall: () => number;
  readonly timeout: () => AbortSignal;
  readonly onInterrupt: (run: () => void) => void;
} {
  let interrupted: () => void = () => undefined;
  return {
    interrupt: () => interrupted(),
    connect: (endpoint, token) => {
      onConnect?.(endpoint, token);
      return transport;
    },
    sockets: () => ({ read: '/run/netevd/netevd.sock', control: '/run/netevd/control.sock' }),
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`ENOENT: no such file: ${path}`);
      return text;
    },
    clock: { now: () => 0, chance: () => 0, delay: shortOrNever },
    wall: () => Date.parse(sampleNow),
    timeout: () => new AbortController().signal,
    onInterrupt: (run) => {
      interrupted = run;
    },
  };
}

/** Waits before a new attempt end at once; the watch over a silent stream never does. */
const shortOrNever = (ms: number, signal: AbortSignal): Promise<void> =>
  ms < 30_000
    ? new Promise((resolve) => setTimeout(resolve, 0))
    : new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
