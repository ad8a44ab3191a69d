/** The entry: arguments, signals and the end of the process. No other file may end it. */
import { constants } from 'node:os';
import { startOptions } from './cli/start-options.ts';
import type { Signals } from './daemon/start/service.ts';
import type { GlobalOptions } from './global-options.ts';

/** Writes to a stream, and knows when all is written: what a pipe does not take at once is queued. */
class TrackedOutput {
  readonly #stream: NodeJS.WriteStream;
  #pending = 0;
  #onWritten: () => void = () => undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  write(text: string): void {
    if (text === '') return;
    this.#pending += 1;
    this.#stream.write(text, () => {
      this.#pending -= 1;
      if (this.#pending === 0) this.#onWritten();
    });
  }

  /** Without it, `process.exit` drops the queue. */
  async written(): Promise<void> {
    if (this.#pending === 0) return;
    await new Promise<void>((resolve) => {
      this.#onWritten = resolve;
    });
  }
}

/** A reader that has seen enough is no failure: `netevd list routes | head`. */
function endQuietlyWithoutReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

/** The streams are opened only for commands: the daemon writes without them, which take a megabyte. */
async function runCommand(args: readonly string[]): Promise<number> {
  const { runProgram } = await import('./cli/program.ts');
  endQuietlyWithoutReader();
  const [stdout, stderr] = [new TrackedOutput(process.stdout), new TrackedOutput(process.stderr)];
  const { columns } = process.stdout;
  const isTerminal = process.stdout.isTTY === true;
  const code = await runProgram(args, { stdout, stderr, isTerminal, columns, env: process.env }, runDaemon);
  await Promise.all([stdout.written(), stderr.written()]);
  return code;
}

/** A second request to stop ends the process at once. */
const signals: Signals = {
  onStop(handler, atOnce) {
    let asked = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (!asked) {
        asked = true;
        handler();
        return;
      }
      atOnce();
      process.exit(128 + constants.signals[signal]);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  },
  onReload(handler) {
    process.on('SIGHUP', handler);
  },
  onDiagnostics(handler) {
    process.on('SIGUSR2', handler);
  },
};

/** EX_SOFTWARE of sysexits.h: a mistake of ours. The unit starts the daemon again. */
const bugExitCode = 70;

function endByBug(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`netevd: internal error (NETEVD_INTERNAL_ERROR), please report it: ${text}\n`);
  process.exit(bugExitCode);
}

process.on('uncaughtException', endByBug);
process.on('unhandledRejection', endByBug);
// A hook is a process of the same user and can send us any signal: this one must open no debugger.
process.on('SIGUSR1', () => undefined);

/** The daemon does without the command line, and the command line without the daemon: each is loaded where it is needed. */
async function runDaemon(options: GlobalOptions): Promise<number> {
  const { runService } = await import('./daemon/start/service.ts');
  return runService(options, process.env, signals);
}

async function run(args: readonly string[]): Promise<number> {
  const options = startOptions(args);
  if (options !== undefined) return runDaemon(options);
  return runCommand(args);
}

void run(process.argv.slice(2)).then((code) => process.exit(code));
