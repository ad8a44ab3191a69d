/** The entry: arguments, signals and the end of the process. No other file may end it. */
import { constants } from 'node:os';
import type { RecordFacts } from './cli/local/record-command.ts';
import { runnerOptions, startOptions } from './cli/start-options.ts';
import type { Signals } from './daemon/start/service.ts';
import { ExitCode } from './exit-code.ts';
import type { GlobalOptions } from './global-options.ts';
import { runtimeSwitches, runtimeSwitchesText } from './runtime-environment.ts';

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
  const io = { stdout, stderr, isTerminal, columns, env: process.env };
  const code = await runProgram(args, io, runDaemon, undefined, record);
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

function endByBug(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`netevd: internal error (NETEVD_INTERNAL_ERROR), please report it: ${text}\n`);
  process.exit(ExitCode.bug);
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

/** Sources belong to the daemon: the command that records them gets them from there. */
const record: RecordFacts = async (request) => {
  const { recordToFile } = await import('./daemon/recording/record-to-file.ts');
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  return recordToFile({ ...request, env: process.env, stopped });
};

/** The root-owned mode for hooks that need privileges. The help does not name it: the service manager starts it. */
async function runRunnerMode(args: readonly string[]): Promise<number> {
  const options = runnerOptions(args);
  if (options === undefined) {
    process.stderr.write('netevd: usage: netevd runner [--config FILE]\n');
    return ExitCode.usage;
  }
  const { runRunner } = await import('./runner/run-runner.ts');
  const stop = Promise.withResolvers<void>();
  signals.onStop(stop.resolve, () => undefined);
  return runRunner(options, process.env, stop.promise);
}

async function run(args: readonly string[]): Promise<number> {
  if (args[0] === 'runner') return runRunnerMode(args.slice(1));
  const options = startOptions(args);
  if (options !== undefined) return runDaemon(options);
  const switches = runtimeSwitches(process.env);
  if (switches.length > 0) {
    process.stderr.write(`netevd: ${runtimeSwitchesText(switches)} (NETEVD_START_ENVIRONMENT)\n`);
    return ExitCode.failed;
  }
  return runCommand(args);
}

void run(process.argv.slice(2)).then((code) => process.exit(code));
