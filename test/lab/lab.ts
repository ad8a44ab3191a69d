/**
 * A real network lab for tests: Debian with systemd as PID 1 in namespaces of its own, with dbus, networkd, resolved,
 * hostnamed, NetworkManager, polkit, dhclient and dnsmasq. Boots in half a second and leaves nothing behind.
 * See docs/lab.md.
 */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { type NotYet, waitUntil } from '../../src/testing/wait-until.ts';
import { LabLinks } from './lab-links.ts';
import { type Entrance, LabProcess, type RunOptions, type RunResult, runInside } from './lab-process.ts';
import { LabShell } from './lab-shell.ts';

/** A host path shown inside the lab. */
export interface Bind {
  readonly from: string;
  /** Default: the same path. */
  readonly to?: string;
  /** Default false. */
  readonly writable?: boolean;
}

export interface LabOptions {
  /** Labs of different names can be up beside each other; the process id is added to it. */
  readonly name: string;
  readonly binds?: readonly Bind[];
  /** systemd unit to boot. Default `lab.target`. */
  readonly target?: string;
}

/** Where the project directory is seen inside the lab, read-only. */
export const PROJECT_INSIDE = '/opt/netevd';
/** Where the bun executable is seen inside the lab. */
export const BUN_INSIDE = '/usr/local/bin/bun';

const SCRIPTS: string = import.meta.dir;
const PROJECT: string = resolve(SCRIPTS, '../..');
const BOOT_DEADLINE_MS = 60_000;

export class Lab implements AsyncDisposable {
  readonly name: string;
  /** What up.sh said when it was ready: how long image and boot took. */
  readonly report: string;
  readonly links: LabLinks;
  readonly #entrance: Entrance;
  readonly #up: Bun.Subprocess<'pipe', 'pipe', 'pipe'>;

  private constructor(name: string, up: Bun.Subprocess<'pipe', 'pipe', 'pipe'>, report: string) {
    this.name = name;
    this.report = report;
    this.#up = up;
    this.#entrance = { script: `${SCRIPTS}/run.sh`, env: { ...hostEnv(), LAB_NAME: name } };
    this.links = new LabLinks(this);
  }

  /**
   * Boots a lab and returns when no start job is left in it. It lives until it is disposed of or this process ends,
   * however it ends. Rejects with the lab's own log when it does not come up.
   */
  static async boot(options: LabOptions): Promise<Lab> {
    const name = `${options.name}.${process.pid}`;
    const binds: readonly Bind[] = [{ from: PROJECT, to: PROJECT_INSIDE }, ...(options.binds ?? [])];
    const up = Bun.spawn([`${SCRIPTS}/up.sh`, '--tether'], {
      env: {
        ...hostEnv(),
        LAB_NAME: name,
        LAB_BIND: binds.map(bindText).join(' '),
        LAB_BUN: realpathSync(process.execPath),
        ...(options.target === undefined ? {} : { LAB_TARGET: options.target }),
      },
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
    });
    const timer = setTimeout(() => up.kill('SIGTERM'), BOOT_DEADLINE_MS);
    // up.sh closes its stdout when the lab is ready, and ends without a word there when it is not
    const report = (await new Response(up.stdout).text()).trim();
    clearTimeout(timer);
    if (report === '') throw new Error(`lab ${name} did not boot:\n${await new Response(up.stderr).text()}`);
    return new Lab(name, up, report);
  }

  /** Runs a command as root inside the lab, to its end. */
  async run(command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return await runInside(this.#entrance, command, options);
  }

  /** Like `run`, for a command that has to succeed; resolves to its stdout. */
  async ok(command: readonly string[], options: RunOptions = {}): Promise<string> {
    const result = await this.run(command, options);
    if (result.code === 0) return result.stdout;
    throw new Error(`${command.join(' ')} ended with ${result.code}:\n${result.stdout}${result.stderr}`);
  }

  /** Starts a command that stays. Disposing of it kills it. */
  async spawn(
    command: readonly string[],
    options: Omit<RunOptions, 'stdin' | 'deadlineMs'> = {},
  ): Promise<LabProcess> {
    return await LabProcess.start(this.#entrance, command, options);
  }

  /** A shell that stays open, for many quick commands in a row. */
  async shell(): Promise<LabShell> {
    return await LabShell.open(this.#entrance);
  }

  /** Writes a file as root, atomically: its directory is made, the mode is set before the name appears. */
  async write(path: string, text: string, mode = 0o644): Promise<void> {
    const script =
      'mkdir -p "$(dirname "$1")" && cat >"$1.lab-tmp" && chmod "$2" "$1.lab-tmp" && mv "$1.lab-tmp" "$1"';
    await this.ok(['sh', '-c', script, 'write', path, mode.toString(8)], { stdin: text });
  }

  async read(path: string): Promise<string> {
    return await this.ok(['cat', path]);
  }

  /** See `waitUntil`; on failure the end of the lab's journal is part of the message. */
  async until<T>(
    what: string,
    condition: () => T | NotYet | Promise<T | NotYet>,
    deadlineMs?: number,
  ): Promise<T> {
    return await waitUntil(what, condition, deadlineMs, async () => (await this.journal()).slice(-4000));
  }

  /** The lab's journal, of one unit or of all, one line per message. */
  async journal(unit?: string): Promise<string> {
    const which = unit === undefined ? [] : ['--unit', unit];
    return await this.ok(['journalctl', '--boot', '--no-pager', '--output', 'short-monotonic', ...which]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#up.stdin.end();
    await this.#up.exited;
  }
}

function bindText(bind: Bind): string {
  const text = `${bind.from}:${bind.to ?? bind.from}:${bind.writable === true ? 'rw' : 'ro'}`;
  if (/\s/.test(text)) throw new Error(`a bind mount's path cannot contain white space: ${text}`);
  return text;
}

/** The environment that the scripts need of the host: where programs are, and the lab's own settings. */
function hostEnv(): Record<string, string> {
  const env: Record<string, string> = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  };
  for (const name of ['LAB_CACHE', 'LAB_STATE', 'LAB_MEM', 'LAB_MIRROR', 'LAB_EXTRA_PKGS']) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}
