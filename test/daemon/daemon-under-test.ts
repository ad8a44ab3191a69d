/**
 * The built daemon in a private root and network (`test/namespace/private-root.sh`), with hooks that write down what they
 * were given. A daemon test is a file `*.daemon.test.ts`; the test runner starts each in a root of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type LogLine, type LogPattern, logLinesLike, parseLogLines } from '../../src/testing/log-lines.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { assertPrivate } from '../namespace/private.ts';

export const executable = '/netevd/build/netevd';

/** One run of the recording hook. */
export interface Recorded {
  /** Directory without `.d`. */
  readonly directory: string;
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin: string;
  /** In nanoseconds since 1970, by the hook. */
  readonly at: bigint;
}

export interface DaemonOptions {
  /** Merged into the configuration, section by section. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Before the program: `setpriv` and its like. */
  readonly wrapper?: readonly string[];
  /** By default the built one. */
  readonly program?: string;
}

/** A configuration, a hook directory and a state directory, in which daemons are started one after the other. */
export class Site implements Disposable {
  readonly root: string;
  readonly hooks: string;
  readonly runtime: string;
  readonly configFile: string;
  readonly #records: string;

  constructor() {
    assertPrivate();
    this.root = mkdtempSync('/run/site-');
    chmodSync(this.root, 0o755);
    this.hooks = join(this.root, 'hooks');
    this.runtime = join(this.root, 'state');
    this.#records = join(this.root, 'records');
    this.configFile = join(this.root, 'netevd.yaml');
    for (const path of [this.hooks, this.runtime]) mkdirSync(path);
    mkdirSync(this.#records);
    chmodSync(this.#records, 0o777);
    this.configure({});
  }

  /** Writes the configuration: the site's places, and `config` on top. */
  configure(config: Readonly<Record<string, unknown>>): void {
    const base: Record<string, Record<string, unknown>> = {
      system: { user: 'root', log_format: 'json', log_level: 'debug', runtime_directory: this.runtime },
      monitoring: { exclude: ['lo'] },
      hooks: { directory: this.hooks },
      events: { database: '' },
    };
    for (const [section, keys] of Object.entries(config)) {
      base[section] = Array.isArray(keys) ? (keys as never) : { ...base[section], ...(keys as object) };
    }
    writeFileSync(this.configFile, stringify(base));
  }

  /** A hook of that text; returns its path. */
  hook(directory: string, name: string, text: string, mode: number = 0o755): string {
    const folder = join(this.hooks, `${directory}.d`);
    mkdirSync(folder, { recursive: true });
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }

  /** Hooks that write down environment and input, in these directories. */
  record(...directories: readonly string[]): void {
    const script = (directory: string): string =>
      [
        '#!/bin/sh',
        `file=${this.#records}/.$NETEVD_SEQ.${directory}.$$`,
        'date +%s%N >"$file.at"; env -0 >"$file.env"; cat >"$file.in"',
        // The rename is what makes the record visible, whole.
        `mkdir "$file" && mv "$file.at" "$file/at" && mv "$file.env" "$file/env" && mv "$file.in" "$file/in"`,
        `mv "$file" "${this.#records}/$NETEVD_SEQ.${directory}.$$"`,
      ].join('\n');
    for (const directory of directories) this.hook(directory, '00-record', `${script(directory)}\n`);
  }

  /** What the recording hooks wrote, by the number of the event. */
  recorded(): Recorded[] {
    const names = readdirSync(this.#records).filter((name) => !name.startsWith('.'));
    return names
      .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
      .map((name) => {
        const folder = join(this.#records, name);
        const text = readFileSync(join(folder, 'env'), 'utf8');
        const pairs = text.split('\0').filter((pair) => pair.includes('='));
        const environment = Object.fromEntries(
          pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
        );
        return {
          directory: name.split('.')[1] ?? '',
          script: '00-record',
          environment,
          stdin: readFileSync(join(folder, 'in'), 'utf8'),
          at: BigInt(readFileSync(join(folder, 'at'), 'utf8').trim()),
        };
      });
  }

  /** `link directory` of each run of the recording hooks, in the order of the events. */
  told(): string[] {
    return this.recorded().map(
      ({ directory, environment }) => `${environment['LINK'] ?? 'host'} ${directory}`,
    );
  }

  /** Starts the daemon and waits for its first picture. */
  async start(options: DaemonOptions = {}): Promise<DaemonUnderTest> {
    if (options.config !== undefined) this.configure(options.config);
    const daemon = new DaemonUnderTest(this, options);
    await daemon.ready();
    return daemon;
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

interface Diagnostics {
  readonly queue: { readonly waiting: number; readonly running: number };
  readonly runningHooks: number;
}

export class DaemonUnderTest implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #runtime: string;
  #stderr = '';
  readonly #exit: Promise<number>;
  #code: number | undefined;

  constructor(site: Site, { args = [], env = {}, wrapper = [], program = executable }: DaemonOptions) {
    this.#runtime = site.runtime;
    const [command = program, ...rest] = [...wrapper, program, '-c', site.configFile, ...args];
    this.#process = spawn(command, rest, {
      stdio: ['ignore', 'inherit', 'pipe'],
      env: { PATH: process.env['PATH'], HOME: '/root', ...env },
    });
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
    this.#process.once('exit', (code) => {
      this.#code = code ?? -1;
    });
    this.#exit = new Promise((resolve) => {
      this.#process.once('close', (code) => resolve(code ?? -1));
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get log(): LogLine[] {
    return parseLogLines(this.#stderr);
  }

  /** Messages, in their order. */
  get messages(): string[] {
    return this.log.map(({ message }) => message);
  }

  async ready(): Promise<void> {
    const isOver = (): boolean =>
      this.lines({ messageId: 'daemonReady' }).length > 0 || this.#code !== undefined;
    await waitUntil('the daemon to be ready', isOver, 30_000, () => this.#stderr);
    if (this.#code !== undefined) throw new Error(`the daemon ended with ${this.#code}:\n${this.#stderr}`);
  }

  /** Resolves with the first line with these fields, once it has been logged. */
  async logged(expected: LogPattern): Promise<LogLine> {
    const first = (): LogLine | undefined => this.lines(expected)[0];
    return await waitUntil(`a log line like ${Bun.inspect(expected)}`, first, 30_000, () => this.#stderr);
  }

  /** The lines with these fields, in their order. */
  lines(expected: LogPattern): LogLine[] {
    return logLinesLike(this.#stderr, expected);
  }

  /** Whether nothing waits or runs, by its diagnostics. */
  async idle(): Promise<void> {
    const path = join(this.#runtime, 'diagnostics.json');
    for (;;) {
      rmSync(path, { force: true });
      this.signal('SIGUSR2');
      await waitUntil('the diagnostics', () => existsSync(path));
      const { queue, runningHooks } = JSON.parse(readFileSync(path, 'utf8')) as Diagnostics;
      if (queue.waiting + queue.running + runningHooks === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** The exit code, -1 where a signal ended it; all that it wrote is here then. */
  exited(): Promise<number> {
    return this.#exit;
  }

  async stop(): Promise<number> {
    this.signal('SIGTERM');
    return this.exited();
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#code === undefined) await this.kill();
  }
}
