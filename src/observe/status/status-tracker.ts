/**
 * What the status needs to know beyond the state of now: since when, how often, how it ended last. It follows the
 * activity, and recalls from the history what an earlier daemon recorded.
 */
import type { Activity } from '../../core/activity.ts';
import type { EventId, IfIndex, Timestamp } from '../../core/model/ids.ts';
import { timestamp } from '../../core/model/ids.ts';
import { type OperationalState, type Source, sources } from '../../core/model/vocabulary.ts';
import { isFailure } from '../../core/view/hook-run-view.ts';
import type { RecordView } from '../../core/view/record-view.ts';
import { isOperational } from '../../core/view/sentences.ts';
import { sourceFreshness } from '../../core/view/source-freshness.ts';
import type { HookRunSummary, NetevdRecord, RepairRecord } from '../../core/view/types/records.ts';
import type { Clock } from '../../ports/clock.ts';
import { type LinkTime, LinkTimes } from './link-times.ts';
import { WindowCount } from './window-count.ts';

/** Scripts whose latest run is remembered. */
const mostScripts = 1000;

export interface SourceTime {
  readonly since: Timestamp;
  /** Whether this daemon ever had it current. */
  readonly wasCurrent: boolean;
  readonly causedBy: EventId;
}

/** A reload that was refused, until one is accepted. */
export interface RefusedReload {
  readonly at: Timestamp;
  readonly problems: number;
  readonly causedBy: EventId;
}

export interface RepairTimes {
  readonly count: WindowCount;
  latest: Timestamp;
}

export class StatusTracker {
  readonly #clock: Pick<Clock, 'wall'>;
  readonly #links = new LinkTimes();
  readonly #sources = new Map<Source, SourceTime>();
  readonly #current = new Set<Source>();
  readonly #latestRuns = new Map<string, HookRunSummary>();
  readonly #repairs = new Map<string, RepairTimes>();
  readonly ran: WindowCount = new WindowCount();
  readonly failed: WindowCount = new WindowCount();
  readonly repaired: WindowCount = new WindowCount();
  /** Counts up with everything that can change an answer about links. */
  version = 0;
  /** Events found by this process. */
  events = 0;
  /** Scripts that ended in this process. */
  scripts = 0;
  lastEventAt: Timestamp | undefined;
  refusedReload: RefusedReload | undefined;

  constructor(clock: Pick<Clock, 'wall'>) {
    this.#clock = clock;
  }

  /** Follows what happens; see `ActivitySink`. */
  activity(activity: Activity): void {
    if (activity.kind !== 'finding') return;
    this.version++;
    this.#links.follow(activity, activity.events[0]?.at ?? this.#clock.wall());
    const freshness = sourceFreshness(activity.after);
    for (const source of sources) if (freshness[source] === 'current') this.#current.add(source);
  }

  /** Follows records; see `RecordSink`. */
  record(_stored: unknown, { record, at }: RecordView): void {
    if (record.kind === 'event') {
      this.events++;
      this.lastEventAt = at;
    }
    if (record.kind === 'hook_run') this.#ran(record.run, at, 'now');
    if (record.kind === 'repair' && record.object !== 'notice') this.#repaired(record, at);
    if (record.kind === 'source') this.#sourceChanged(record, at);
    if (record.kind === 'config') this.#reloaded(record, at);
  }

  /** A record of an earlier daemon, newest first. `state`: of the link of that index now. */
  recall(record: NetevdRecord, state: (index: IfIndex) => OperationalState | undefined): void {
    const at = timestamp(Date.parse(record.ts));
    this.version++;
    if (record.kind === 'hook_run') this.#ran(record.run, at, 'before');
    if (record.kind === 'repair' && record.object !== 'notice') this.#repaired(record, at);
    if (record.kind !== 'event') return;
    this.lastEventAt ??= at;
    if (record.index === null || record.initial || !isOperational(record.state)) return;
    const index = record.index as IfIndex;
    if (state(index) !== record.state) return;
    const previous = record.previous_state;
    const from = previous !== null && isOperational(previous) ? previous : undefined;
    this.#links.recall(index, { since: at, from, to: record.state, causedBy: record.id as EventId });
  }

  link(index: IfIndex): LinkTime | undefined {
    return this.#links.get(index);
  }

  source(source: Source): SourceTime | undefined {
    return this.#sources.get(source);
  }

  /** The latest runs, one for each script. */
  get latestRuns(): Iterable<HookRunSummary> {
    return this.#latestRuns.values();
  }

  latestRun(directory: string, script: string): HookRunSummary | undefined {
    return this.#latestRuns.get(`${directory}/${script}`);
  }

  /** Repairs of one link in the last day, and when the latest was. */
  repairsOf(
    link: string,
    now: Timestamp,
  ): { readonly count: number; readonly latest: Timestamp | undefined } {
    const times = this.#repairs.get(link);
    return { count: times?.count.total(now) ?? 0, latest: times?.latest };
  }

  #ran(run: HookRunSummary, at: Timestamp, when: 'now' | 'before'): void {
    this.ran.add(at);
    if (isFailure(run)) this.failed.add(at);
    if (when === 'now') this.scripts++;
    const key = `${run.directory}/${run.script}`;
    if (when === 'before' && this.#latestRuns.has(key)) return;
    this.#latestRuns.delete(key);
    this.#latestRuns.set(key, run);
    const [oldest] = this.#latestRuns.keys();
    if (oldest !== undefined && this.#latestRuns.size > mostScripts) this.#latestRuns.delete(oldest);
  }

  #repaired(
    { link, result, restores }: Pick<RepairRecord, 'link' | 'result' | 'restores'>,
    at: Timestamp,
  ): void {
    if (result !== 'done' || !restores) return;
    this.repaired.add(at);
    if (link === null) return;
    const times = this.#repairs.get(link) ?? { count: new WindowCount(), latest: at };
    times.count.add(at);
    times.latest = timestamp(Math.max(times.latest, at));
    this.#repairs.set(link, times);
  }

  #sourceChanged({ source, id }: NetevdRecord & { readonly kind: 'source' }, at: Timestamp): void {
    const wasCurrent = this.#current.has(source);
    this.#sources.set(source, { since: at, wasCurrent, causedBy: id as EventId });
  }

  #reloaded({ event, problems, id }: NetevdRecord & { readonly kind: 'config' }, at: Timestamp): void {
    if (event === 'reload-refused') this.refusedReload = { at, problems, causedBy: id as EventId };
    if (event === 'reload') this.refusedReload = undefined;
  }
}
