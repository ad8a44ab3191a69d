/**
 * Runs the hooks of one event: the files of its directory, one after another. The result of one does not
 * affect the next. Calls of `run` are independent; the caller decides which events run in parallel.
 */

import { decide, type Filter } from '../../core/filters/decide.ts';
import { filterSubject } from '../../core/filters/subject.ts';
import {
  type HookContext,
  type HookEvent,
  type HookSubject,
  hookInput,
  hookLinkDetails,
} from '../../core/hooks/environment.ts';
import type { HookOutcome, HookRun } from '../../core/hooks/hook-run.ts';
import { isShortage } from '../../core/hooks/shortage.ts';
import type { HookTrust } from '../../core/hooks/verdict.ts';
import type { Orphan } from '../../core/journal/recovery.ts';
import type { NetworkEvent } from '../../core/model/event.ts';
import type { HookDirectory } from '../../core/model/event-table.ts';
import type { IfIndex, Millis } from '../../core/model/ids.ts';
import type { LinkStatistics } from '../../core/model/kernel-objects.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HookDelegate } from '../../ports/hook-delegate.ts';
import type { HookRunJournal } from '../../ports/hook-run-journal.ts';
import type { ProcessSpawner } from '../../ports/process-spawner.ts';
import type { RunningProcesses } from '../../ports/running-processes.ts';
import {
  type DelegatedScript,
  isDelegated,
  runDelegated,
  withoutDelegatedOrphan,
} from './delegated-script.ts';
import type { HookJob } from './hook-job.ts';
import { checkHook, directoryPath, hookNames } from './inspect.ts';
import { awaitOrphan } from './orphan.ts';
import { notStarted } from './outcome.ts';
import { type ShortageListener, ShortageWaiter } from './outlast-shortage.ts';
import { runScript, type ScriptOutcome } from './script.ts';
import type { Supervision } from './supervise.ts';

export interface HookRunnerSettings {
  /** Where the `*.d` directories are. */
  readonly directory: string;
  readonly timeout: Millis;
  readonly killGrace: Millis;
  /** Bytes of output captured of one run. */
  readonly outputLimit: number;
  readonly trust: HookTrust;
  readonly context: HookContext;
  readonly filters: readonly Filter[];
}

export interface HookRunnerParts {
  readonly spawner: ProcessSpawner;
  readonly clock: Clock;
  readonly journal: HookRunJournal;
  readonly processes: RunningProcesses;
  /** Runs hooks that root has granted privileges. */
  readonly delegate: HookDelegate;
  /** The present counters of a link; called only when a hook is about to run. */
  statistics(index: IfIndex): LinkStatistics | undefined;
  /** Told when hooks wait for the machine, and when they no longer do. */
  readonly shortageListener: ShortageListener;
}

export interface HookJobResult {
  readonly runs: readonly HookRun[];
  /** Index of the filter that ignored the event. */
  readonly ignoredBy?: number;
  /** Indexes of the filters that log the event. */
  readonly logged: readonly number[];
  /** Variables with values that were left out as invalid, and the number of those values. */
  readonly rejected: readonly (readonly [variable: string, count: number])[];
  /** The runner was stopped before every script had run. */
  readonly interrupted: boolean;
}

/** Events caused by a message about the link itself, which has its present counters. */
const bringsCounters: ReadonlySet<HookDirectory> = new Set(['off', 'no-carrier', 'dormant', 'link-added']);

const emptyResult: HookJobResult = { runs: [], logged: [], rejected: [], interrupted: false };

export class HookRunner {
  readonly #parts: HookRunnerParts;
  #settings: HookRunnerSettings;
  readonly #supervisions = new Set<Supervision>();
  readonly #shortages: ShortageWaiter;
  /** Runs of the delegate that are waited for. */
  readonly #delegated = new Set<Promise<unknown>>();
  readonly #abandon = new AbortController();
  #stopping = false;

  /** Directory listings, cached for one step of the daemon. */
  readonly #names = new Map<HookDirectory, ReturnType<typeof hookNames>>();

  constructor(parts: HookRunnerParts, settings: HookRunnerSettings) {
    this.#parts = parts;
    this.#settings = settings;
    this.#shortages = new ShortageWaiter(parts.clock, parts.shortageListener);
  }

  /** Applies to events from now on. */
  configure(settings: HookRunnerSettings): void {
    this.#settings = settings;
    this.forgetListings();
  }

  /** Whether the directory has a file that might run. Costs two microseconds where there is no directory. */
  mightRun(directory: HookDirectory): boolean {
    const names = hookNames(this.#settings.directory, directory);
    return !('kind' in names) && names.length > 0;
  }

  /**
   * Whether an event of the directory would run a hook or report a refusal. The listing is cached until
   * `forgetListings`: in a storm this is called ten thousand times a second.
   */
  hasHooks(directory: HookDirectory): boolean {
    const names = this.#names.get(directory) ?? hookNames(this.#settings.directory, directory);
    this.#names.set(directory, names);
    return 'kind' in names || names.length > 0;
  }

  /** A step of the daemon has ended: files may come and go before the next one. */
  forgetListings(): void {
    this.#names.clear();
  }

  /** Number of scripts that run, and of process groups that are still being ended. */
  get running(): number {
    return this.#supervisions.size + this.#delegated.size;
  }

  /** Resolves when every script of the event has run. Never rejects for what a script does. */
  async run(asked: HookJob): Promise<HookJobResult> {
    const settings = this.#settings;
    const job = withoutDelegatedOrphan(asked, settings.directory);
    const { event } = job.subject;
    if (job.orphan !== undefined) await this.#adopt(event, job.orphan, job.onRun);
    const listed = this.#names.get(event.directory) ?? hookNames(settings.directory, event.directory);
    const names = isShort(listed) ? await this.#listAgain(settings, event.directory) : listed;
    if (names === 'stopped') return { ...emptyResult, interrupted: true };
    if ('kind' in names) return this.#noneRan(job, settings, names);
    if (names.length === 0) return emptyResult;
    const subject = this.#withStatistics(job.subject);
    const facts = hookLinkDetails(subject);
    const decision = decide(settings.filters, filterSubject(event, facts));
    if (!decision.run) return { ...emptyResult, logged: decision.logged, ignoredBy: decision.by };
    const input = hookInput(subject, settings.context, facts);
    if (!input.ok) return { ...this.#noneRan(job, settings, invalidLinkName), logged: decision.logged };
    const report = { ...emptyResult, logged: decision.logged, rejected: input.rejected };
    const chosen = names.filter(isNamed(decision.scripts, event.directory, settings));
    return { ...report, ...(await this.#runAll(chosen, { ...job, subject }, settings, input)) };
  }

  /**
   * Starts no further script. Running scripts have `timeout` to end by themselves, then get SIGTERM and,
   * after the grace period, SIGKILL. Resolves when none is left.
   */
  async stop(timeout: Millis): Promise<void> {
    this.#stopping = true;
    this.#shortages.stop();
    using _timer = this.#parts.clock.schedule(timeout, () => {
      this.#abandon.abort();
      for (const supervision of this.#supervisions) supervision.terminate('stopped');
    });
    await Promise.all([...this.#supervisions].map((supervision) => supervision.ending));
    await Promise.all(this.#delegated);
    this.kill();
    await Promise.all([...this.#supervisions].map((supervision) => supervision.finished));
  }

  /** Sends SIGKILL to every running script. Starts no further one. */
  kill(): void {
    this.#stopping = true;
    this.#shortages.stop();
    this.#abandon.abort();
    for (const supervision of this.#supervisions) supervision.kill();
  }

  /**
   * Waits for a script of an earlier daemon until its timeout, which includes the time that it has run
   * already.
   */
  async #adopt(event: NetworkEvent, orphan: Orphan, onRun: HookJob['onRun']): Promise<void> {
    const parts = this.#parts;
    const settings = this.#settings;
    const process = orphan.process === undefined ? undefined : parts.processes.find(orphan.process);
    const run = await awaitOrphan({ event, orphan, process }, settings, {
      ...parts,
      supervise: (supervision) => this.#supervise(supervision),
    });
    await parts.journal.finished({ eventId: event.id, path: orphan.path }, run);
    onRun(run);
  }

  /** A directory that cannot be listed for want of files or memory has as many hooks as before. */
  #listAgain(
    { directory: base }: HookRunnerSettings,
    directory: HookDirectory,
  ): Promise<ReturnType<typeof hookNames> | 'stopped'> {
    return this.#shortages.outlast({
      path: directoryPath(base, directory),
      run: () => hookNames(base, directory),
      errnoOf: (names) => ('kind' in names ? names.errno : undefined),
    });
  }

  #supervise(supervision: Supervision): void {
    this.#supervisions.add(supervision);
    void supervision.finished.then(() => this.#supervisions.delete(supervision));
  }

  /** The event or its directory, rather than one script, keeps every script from running. */
  #noneRan(
    { subject: { event }, onRun }: HookJob,
    settings: HookRunnerSettings,
    why: HookOutcome,
  ): HookJobResult {
    const run = notStarted(event, this.#parts.clock.wall(), base(settings, event.directory), '', why);
    onRun(run);
    return { ...emptyResult, runs: [run] };
  }

  async #runAll(
    names: readonly string[],
    job: HookJob,
    settings: HookRunnerSettings,
    input: {
      readonly environment: Readonly<Record<string, string>>;
      readonly json: string;
      readonly event: HookEvent;
    },
  ): Promise<Pick<HookJobResult, 'runs' | 'interrupted'>> {
    const runs: HookRun[] = [];
    for (const name of names) {
      const path = `${base(settings, job.subject.event.directory)}/${name}`;
      if (job.done?.has(path) === true) continue;
      const retry = job.subject.retry === true || job.uncertain?.has(path) === true;
      const { environment, json, event: described } = input;
      const { event } = job.subject;
      const outcome = isDelegated(settings.directory, event.directory, name)
        ? await this.#runDelegated({ event, name, path, described })
        : await this.#runOne({ event, name, path, retry, environment, json }, settings);
      if (outcome === 'stopping') return { runs, interrupted: true };
      if (outcome === 'skipped') continue;
      runs.push(outcome);
      job.onRun(outcome);
    }
    return { runs, interrupted: false };
  }

  #runOne(script: Parameters<typeof runScript>[0], settings: HookRunnerSettings): Promise<ScriptOutcome> {
    return runScript(script, settings, {
      ...this.#parts,
      shortages: this.#shortages,
      judge: ({ event, name }) => checkHook(settings.directory, event.directory, name, settings.trust),
      isStopping: () => this.#stopping,
      supervise: (supervision) => this.#supervise(supervision),
    });
  }

  async #runDelegated(script: DelegatedScript): Promise<ScriptOutcome> {
    if (this.#stopping) return 'stopping';
    const run = runDelegated(script, this.#parts, this.#abandon.signal);
    this.#delegated.add(run);
    try {
      return await run;
    } finally {
      this.#delegated.delete(run);
    }
  }

  #withStatistics(subject: HookSubject): HookSubject {
    const { link, directory } = subject.event;
    if (link === undefined || subject.statistics !== undefined || directory === 'link-removed')
      return subject;
    const known = subject.state.kernel.links.get(link.index)?.object.statistics;
    if (known !== undefined && bringsCounters.has(directory)) return subject;
    const statistics = this.#parts.statistics(link.index);
    return statistics === undefined ? subject : { ...subject, statistics };
  }
}

const isShort = (names: ReturnType<typeof hookNames>): boolean => 'kind' in names && isShortage(names.errno);

const base = (settings: HookRunnerSettings, directory: HookDirectory): string =>
  directoryPath(settings.directory, directory);

/** Selects the scripts that the filters name: by file name, by `routable.d/name`, or by path. */
function isNamed(
  scripts: readonly string[] | undefined,
  directory: HookDirectory,
  settings: HookRunnerSettings,
): (name: string) => boolean {
  if (scripts === undefined) return () => true;
  const wanted = new Set(scripts);
  return (name) =>
    wanted.has(name) ||
    wanted.has(`${directory}.d/${name}`) ||
    wanted.has(`${base(settings, directory)}/${name}`);
}

const invalidLinkName = {
  kind: 'refused',
  code: 'invalid-link-name',
  reason: 'the name of the link has characters that cannot be passed to a script',
  remedy: 'rename the link: ip link set dev … name …',
} as const;
