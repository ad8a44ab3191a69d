/**
 * The built daemon inside a lab, with a hook in every directory that keeps what it was given: environment and event.
 */
import { hookDirectories } from '../../src/core/model/event-table.ts';
import { type LogLine, type LogPattern, logLinesLike } from '../../src/testing/log-lines.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { type Lab, PROJECT_INSIDE } from './lab.ts';
import type { LabProcess } from './lab-process.ts';

const records = '/run/records';
const runtimeDirectory = '/run/netevd-lab';
const configFile = '/etc/netevd/lab.yaml';
const executable = `${PROJECT_INSIDE}/build/netevd`;

/** One run of a hook. */
export interface Told {
  readonly seq: number;
  /** Directory without `.d`. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What was on its stdin. */
  readonly event: Readonly<Record<string, unknown>>;
}

export interface Diagnostics {
  readonly queue: { readonly waiting: number; readonly running: number };
  readonly runningHooks: number;
  readonly managers: Readonly<Record<'networkd' | 'networkManager', string>>;
}

export class DaemonInLab implements AsyncDisposable {
  readonly #lab: Lab;
  #marks = 0;
  #process: LabProcess;

  private constructor(lab: Lab, process: LabProcess) {
    this.#lab = lab;
    this.#process = process;
  }

  /**
   * Starts the daemon, which becomes user netevd, and waits until it is ready. `settings`: YAML below the top level, added
   * to the lab's own; or `file`, the whole of it. A second start in the same lab continues where the first ended.
   */
  static async start(lab: Lab, settings = '', file?: string): Promise<DaemonInLab> {
    const base = `system: { log_format: json, log_level: debug, runtime_directory: ${runtimeDirectory} }`;
    const rest = "api: { enabled: false }\nevents: { database: '' }";
    await lab.write(configFile, file ?? `${base}\n${rest}\n${settings}\n`);
    await lab.ok(['systemd-sysusers', `${PROJECT_INSIDE}/packaging/sysusers.d/netevd.conf`]);
    await lab.ok(['install', '--directory', '--mode=1777', records]);
    for (const directory of hookDirectories) {
      const hook = [
        '#!/bin/sh',
        // A file is seen only when it is whole.
        `jq -c --arg d ${directory} '{seq: (env.NETEVD_SEQ | tonumber), directory: $d, environment: env, event: .}' \\`,
        `  >${records}/.$$ && mv ${records}/.$$ ${records}/$NETEVD_SEQ.${directory}.$$`,
      ];
      await lab.write(`/etc/netevd/${directory}.d/00-record`, `${hook.join('\n')}\n`, 0o755);
    }
    const daemon = new DaemonInLab(lab, await DaemonInLab.#spawn(lab));
    await daemon.#ready();
    return daemon;
  }

  static async #spawn(lab: Lab): Promise<LabProcess> {
    return await lab.spawn([executable, '-c', configFile]);
  }

  async #ready(): Promise<void> {
    const isReady = (): boolean => this.#process.stderr.includes('"ready after');
    await waitUntil('the daemon to be ready', isReady, 30_000, () => this.#process.stderr);
  }

  get pid(): number {
    return this.#process.pid;
  }

  get hostPid(): number {
    return this.#process.hostPid;
  }

  /** Log lines with these fields so far. */
  lines(pattern: LogPattern): LogLine[] {
    return logLinesLike(this.#process.stderr, pattern);
  }

  get log(): string {
    return this.#process.stderr;
  }

  /** The inputs of all hooks so far, by the numbers of the events. */
  async told(): Promise<readonly Told[]> {
    const text = await this.#lab.ok(['sh', '-c', `find ${records} -type f -not -name '.*' -exec cat {} +`]);
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as Told).sort((a, b) => a.seq - b.seq);
  }

  /** Makes `told` start from now. */
  async forget(): Promise<void> {
    await this.#lab.ok(['sh', '-c', `find ${records} -type f -not -name '.*' -delete`]);
  }

  /** The inputs of a link's hooks, in order; without a link, those of `manager.d`. */
  async toldOf(link: string | undefined): Promise<readonly Told[]> {
    return (await this.told()).filter(({ environment }) => environment['LINK'] === link);
  }

  /** The directories of a link that were run, in their order, of those that are asked for. */
  async directoriesOf(link: string, among: readonly string[]): Promise<string[]> {
    const told = await this.toldOf(link);
    return told.map(({ directory }) => directory).filter((directory) => among.includes(directory));
  }

  /** Waits until no event waits for its hooks and no hook runs, with all that happened before the call among them. */
  async waitUntilQuiet(): Promise<void> {
    this.#marks += 1;
    const mtu = String(1_400 + this.#marks);
    const mark = `ip link show mark >/dev/null 2>&1 || ip link add mark type bridge; ip link set mark mtu ${mtu}`;
    await this.#lab.ok(['sh', '-c', mark]);
    const isTold = async (): Promise<boolean> =>
      (await this.toldOf('mark')).some(({ environment }) => environment['MTU'] === mtu);
    await this.#lab.until('the mark to be told', isTold);
    await this.#lab.until('the daemon to be idle', async () => await this.#isIdle());
  }

  /** What SIGUSR2 makes it write. */
  async diagnostics(): Promise<Diagnostics> {
    const path = `${runtimeDirectory}/diagnostics.json`;
    const ask = `rm -f ${path}; kill -USR2 ${this.pid}; while ! [ -e ${path} ]; do sleep 0.01; done; cat ${path}`;
    return JSON.parse(await this.#lab.ok(['timeout', '5', 'sh', '-c', ask])) as Diagnostics;
  }

  async #isIdle(): Promise<boolean> {
    const { queue, runningHooks } = await this.diagnostics();
    return queue.waiting === 0 && queue.running === 0 && runningHooks === 0;
  }

  /** Ends it as the service manager would; its exit code. */
  async stop(): Promise<number> {
    this.#process.kill('SIGTERM');
    return await this.#process.exited();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
