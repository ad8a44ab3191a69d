/** Commands that run inside a lab: one that is waited for, one that stays. */
import { readFileSync } from 'node:fs';
import { waitUntil } from '../../src/testing/wait-until.ts';

export interface RunOptions {
  /** Sent to the command's stdin, which is then closed; without it stdin is empty. */
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** After this the command is killed and `run` rejects. Default 30 000. */
  readonly deadlineMs?: number;
}

export interface RunResult {
  /** Exit code, or 128 + number of the signal that ended the command. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a lab needs to start a command in it: the argument vector and the environment of the host's side. */
export interface Entrance {
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
}

function commandLine(entrance: Entrance, command: readonly string[], options: RunOptions): string[] {
  const env = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`);
  const cwd = options.cwd === undefined ? [] : [`--chdir=${options.cwd}`];
  const prefix = env.length + cwd.length === 0 ? [] : ['env', ...cwd, ...env];
  return [entrance.script, ...prefix, ...command];
}

/** Runs a command to its end. Rejects when it outlives its deadline. */
export async function runInside(
  entrance: Entrance,
  command: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const deadlineMs = options.deadlineMs ?? 30_000;
  const child = Bun.spawn(commandLine(entrance, command, options), {
    env: { ...entrance.env },
    stdin: options.stdin === undefined ? 'ignore' : Buffer.from(options.stdin),
    stdout: 'pipe',
    stderr: 'pipe',
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, deadlineMs);
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  clearTimeout(timer);
  if (late) throw new Error(`still running after ${deadlineMs} ms: ${command.join(' ')}\n${stdout}${stderr}`);
  return { code, stdout, stderr };
}

/** A command that goes on running inside the lab. Its output is collected; disposing kills it. */
export class LabProcess implements AsyncDisposable {
  readonly command: readonly string[];
  /** Process id as the host sees it. */
  readonly hostPid: number;
  /** Process id as the lab sees it. */
  readonly pid: number;
  readonly #child: Bun.Subprocess<'pipe', 'pipe', 'pipe'>;
  readonly #drained: Promise<unknown>;
  #stdout = '';
  #stderr = '';

  private constructor(
    command: readonly string[],
    child: Bun.Subprocess<'pipe', 'pipe', 'pipe'>,
    pids: { readonly host: number; readonly inside: number },
  ) {
    this.command = command;
    this.#child = child;
    this.hostPid = pids.host;
    this.pid = pids.inside;
    this.#drained = Promise.all([
      collect(child.stdout, (text) => {
        this.#stdout += text;
      }),
      collect(child.stderr, (text) => {
        this.#stderr += text;
      }),
    ]);
  }

  static async start(
    entrance: Entrance,
    command: readonly string[],
    options: Omit<RunOptions, 'stdin' | 'deadlineMs'> = {},
  ): Promise<LabProcess> {
    const child = Bun.spawn(commandLine(entrance, command, options), {
      env: { ...entrance.env },
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
    });
    const host = await waitUntil(
      `${command.join(' ')} to start in the lab`,
      () => (child.exitCode === null ? enteredPid(child.pid) : child.pid),
      30_000,
    );
    return new LabProcess(command, child, { host, inside: insidePid(host) });
  }

  /** All that it has written so far, and that nobody has taken. */
  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Takes what it has written so far: it is not kept any longer. */
  take(): { readonly stdout: string; readonly stderr: string } {
    const taken = { stdout: this.#stdout, stderr: this.#stderr };
    this.#stdout = '';
    this.#stderr = '';
    return taken;
  }

  /** Writes to its stdin. */
  write(text: string): void {
    this.#child.stdin.write(text);
    this.#child.stdin.flush();
  }

  /** Closes its stdin. */
  end(): void {
    this.#child.stdin.end();
  }

  /** Sends a signal to the command itself. */
  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    if (this.#child.exitCode !== null || this.hostPid <= 1) return;
    try {
      process.kill(this.hostPid, signal);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }

  /** Its exit code (128 + signal), once it has ended and all its output is here. */
  async exited(): Promise<number> {
    const code = await this.#child.exited;
    await this.#drained;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL');
    await this.#child.exited;
  }
}

async function collect(stream: ReadableStream<Uint8Array>, add: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) add(decoder.decode(chunk, { stream: true }));
}

/** The process that nsenter forked into the lab's pid namespace, once what run.sh puts before the command is done. */
function enteredPid(entering: number): number | undefined {
  const pid = Number(readProc(`/proc/${entering}/task/${entering}/children`).trim().split(' ')[0]);
  if (!(pid > 1) || readProc(`/proc/${entering}/comm`).trim() !== 'nsenter') return undefined;
  const line = readProc(`/proc/${pid}/cmdline`);
  const wrappers = ['nsenter\0', 'env\0-i\0', 'setpriv\0--pdeathsig\0'];
  return line === '' || wrappers.some((wrapper) => line.startsWith(wrapper)) ? undefined : pid;
}

/** `NSpid` of proc(5): the last number is the innermost namespace's. */
function insidePid(hostPid: number): number {
  const ids = /^NSpid:\s+(.*)$/m.exec(readProc(`/proc/${hostPid}/status`))?.[1]?.split(/\s+/) ?? [];
  return Number(ids.at(-1) ?? hostPid);
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
