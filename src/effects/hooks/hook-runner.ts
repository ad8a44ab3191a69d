/**
 * Runs the hooks of one event: the files of its directory, one after the other. What becomes of one does not matter to
 * the next. Events beside each other are the caller's affair: each call of `run` stands on its own.
 */

import { decide, type Filter } from '../../core/filters/decide.ts';
import { filterSubject } from '../../core/filters/subject.ts';
import {
  type HookContext,
  type HookSubject,
  hookInput,
  hookLinkDetails,
} from '../../core/hooks/environment.ts';
import type { HookOutcome, HookRun } from '../../core/hooks/hook-run.ts';
import type { HookTrust } from '../../core/hooks/verdict.ts';
import type { Orphan } from '../../core/journal/recovery.ts';
import type { NetworkEvent } from '../../core/model/event.ts';
import type { HookDirectory } from '../../core/model/event-table.ts';
import type { IfIndex, Millis } from '../../core/model/ids.ts';
import type { LinkStatistics } from '../../core/model/kernel-objects.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HookRunJournal } from '../../ports/hook-run-journal.ts';
import type { ProcessSpawner } from '../../ports/process-spawner.ts';
import type { RunningProcesses } from '../../ports/running-processes.ts';
import { checkHook, directoryPath, hookNames } from './inspect.ts';
import { awaitOrphan } from './orphan.ts';
import { notStarted } from './outcome.ts';
import { runScript, type ScriptOutcome } from './script.ts';
import type { Supervision } from './supervise.ts';

export interface HookRunnerSettings {
  /** Where the `*.d` directories are. */
  readonly directory: string;
  readonly timeout: Millis;
  readonly killGrace: Millis;
  /** Bytes of output kept of one run. */
  readonly outputLimit: number;
  readonly trust: HookTrust;
  readonly surroundings: HookContext;
  readonly filters: readonly Filter[];
}

export interface HookRunnerParts {
  readonly spawner: ProcessSpawner;
  readonly clock: Clock;
  readonly journal: HookRunJournal;
  readonly processes: RunningProcesses;
  /** Counters of a link as they are now; asked only where a hook is about to run. */
  statistics(index: IfIndex): LinkStatistics | undefined;
}

/** One event to run the hooks of. */
export interface HookJob {
  readonly subject: HookSubject;
  /** Called as soon as a script has ended or was refused. */
  readonly onRun: (run: HookRun) => void;
  /** Paths of scripts that an earlier daemon has seen to: they are passed over. */
  readonly done?: ReadonlySet<string>;
  /** Paths of scripts of which it is not known whether they ran: they run, and are told so. */
  readonly uncertain?: ReadonlySet<string>;
  /** The script that an earlier daemon had started last: nothing runs before it has ended. */
  readonly orphan?: Orphan;
}

export interface HookReport {
  readonly runs: readonly HookRun[];
  /** Index of the filter that said that nothing is to run. */
  readonly ignoredBy?: number;
  /** Indexes of the filters that wanted the event logged. */
  readonly logged: readonly number[];
  /** Variables of which values were left out because they were not of their type, and how many. */
  readonly rejected: readonly (readonly [variable: string, count: number])[];
  /** The runner was stopped before all scripts had their turn. */
  readonly interrupted: boolean;
}

/** Events that a message of the link itself brings, with its counters as they are now. */
const bringsCounters: ReadonlySet<HookDirectory> = new Set(['off', 'no-carrier', 'dormant', 'link-added']);

const nothing: HookReport = { runs: [], logged: [], rejected: [], interrupted: false };

export class HookRunner {
  readonly #parts: HookRunnerParts;
  #settings: HookRunnerSettings;
  readonly #supervisions = new Set<Supervision>();
  #stopping = false;

  /** What was found in this step. */
  readonly #names = new Map<HookDirectory, ReturnType<typeof hookNames>>();

  constructor(parts: HookRunnerParts, settings: HookRunnerSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  /** For the events that come from now on. */
  configure(settings: HookRunnerSettings): void {
    this.#settings = settings;
    this.lookAgain();
  }

  /** Whether the directory has a file that might run. Costs two microseconds where there is no directory. */
  mightRun(directory: HookDirectory): boolean {
    const names = hookNames(this.#settings.directory, directory);
    return !('kind' in names) && names.length > 0;
  }

  /**
   * Whether an event of the directory would run something, or bring something to complain about. The directory is looked
   * at once until `lookAgain`: in a storm this is asked ten thousand times a second.
   */
  hasHooks(directory: HookDirectory): boolean {
    const names = this.#names.get(directory) ?? hookNames(this.#settings.directory, directory);
    this.#names.set(directory, names);
    return 'kind' in names || names.length > 0;
  }

  /** A step of the daemon is over: before the next one files may come and go. */
  lookAgain(): void {
    this.#names.clear();
  }

  /** Scripts that run now, and those whose leftovers are still to be ended. */
  get running(): number {
    return this.#supervisions.size;
  }

  /** Resolves when every script of the event has had its turn. Never rejects for what a script does. */
  async run(job: HookJob): Promise<HookReport> {
    const { event } = job.subject;
    const settings = this.#settings;
    if (job.orphan !== undefined) await this.#adopt(event, job.orphan, job.onRun);
    const names = this.#names.get(event.directory) ?? hookNames(settings.directory, event.directory);
    if ('kind' in names) return this.#noneRan(job, settings, names);
    if (names.length === 0) return nothing;
    const subject = this.#withStatistics(job.subject);
    const facts = hookLinkDetails(subject);
    const decision = decide(settings.filters, filterSubject(event, facts));
    if (!decision.run) return { ...nothing, logged: decision.logged, ignoredBy: decision.by };
    const input = hookInput(subject, settings.surroundings, facts);
    if (!input.ok) return { ...this.#noneRan(job, settings, unspeakable), logged: decision.logged };
    const report = { ...nothing, logged: decision.logged, rejected: input.rejected };
    const chosen = names.filter(isNamed(decision.scripts, event.directory, settings));
    return { ...report, ...(await this.#runAll(chosen, { ...job, subject }, settings, input)) };
  }

  /**
   * No script starts any more. Those that run have `patience` to end by themselves, then SIGTERM and, after the grace,
   * SIGKILL. Resolves when none is left.
   */
  async stop(patience: Millis): Promise<void> {
    this.#stopping = true;
    using _timer = this.#parts.clock.schedule(patience, () => {
      for (const supervision of this.#supervisions) supervision.terminate('stopped');
    });
    await Promise.all([...this.#supervisions].map((supervision) => supervision.ending));
    this.kill();
    await Promise.all([...this.#supervisions].map((supervision) => supervision.finished));
  }

  /** SIGKILL to everything that runs, now. No script starts any more. */
  kill(): void {
    this.#stopping = true;
    for (const supervision of this.#supervisions) supervision.kill();
  }

  /** Waits for a script of an earlier daemon as for one of its own: up to its time-out, which it has used in part. */
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

  #supervise(supervision: Supervision): void {
    this.#supervisions.add(supervision);
    void supervision.finished.then(() => this.#supervisions.delete(supervision));
  }

  /** Something about the event or its directory, and not about one script, keeps them all from running. */
  #noneRan(
    { subject: { event }, onRun }: HookJob,
    settings: HookRunnerSettings,
    why: HookOutcome,
  ): HookReport {
    const run = notStarted(event, this.#parts.clock.wall(), base(settings, event.directory), '', why);
    onRun(run);
    return { ...nothing, runs: [run] };
  }

  async #runAll(
    names: readonly string[],
    job: HookJob,
    settings: HookRunnerSettings,
    input: { readonly environment: Readonly<Record<string, string>>; readonly json: string },
  ): Promise<Pick<HookReport, 'runs' | 'interrupted'>> {
    const runs: HookRun[] = [];
    for (const name of names) {
      const path = `${base(settings, job.subject.event.directory)}/${name}`;
      if (job.done?.has(path) === true) continue;
      const retry = job.subject.retry === true || job.uncertain?.has(path) === true;
      const outcome = await this.#runOne({ event: job.subject.event, name, path, retry, ...input }, settings);
      if (outcome === 'stopping') return { runs, interrupted: true };
      if (outcome === 'passed-over') continue;
      runs.push(outcome);
      job.onRun(outcome);
    }
    return { runs, interrupted: false };
  }

  #runOne(script: Parameters<typeof runScript>[0], settings: HookRunnerSettings): Promise<ScriptOutcome> {
    return runScript(script, settings, {
      ...this.#parts,
      judge: ({ event, name }) => checkHook(settings.directory, event.directory, name, settings.trust),
      isStopping: () => this.#stopping,
      supervise: (supervision) => this.#supervise(supervision),
    });
  }

  #withStatistics(subject: HookSubject): HookSubject {
    const { link, directory } = subject.event;
    if (link === undefined || subject.statistics !== undefined || directory === 'link-removed')
      return subject;
    const held = subject.state.kernel.links.get(link.index)?.object.statistics;
    if (held !== undefined && bringsCounters.has(directory)) return subject;
    const statistics = this.#parts.statistics(link.index);
    return statistics === undefined ? subject : { ...subject, statistics };
  }
}

const base = (settings: HookRunnerSettings, directory: HookDirectory): string =>
  directoryPath(settings.directory, directory);

/** Those that the filters named: by file name, by `routable.d/name`, or by path. */
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

const unspeakable = {
  kind: 'refused',
  code: 'invalid-link-name',
  reason: 'the name of the link has characters that cannot be shown to a script',
  remedy: 'rename the link: ip link set dev … name …',
} as const;
