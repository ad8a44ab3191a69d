/** The journal for the parts of the daemon: findings, events that run, and the progress of each script. */

import type { Activity, Finding } from '../../core/activity.ts';
import { isAbout } from '../../core/events/damping/about-link.ts';
import type { HookRunOrder } from '../../core/hooks/hook-order.ts';
import type { HookRun } from '../../core/hooks/hook-run.ts';
import { withoutStatistics } from '../../core/journal/silent-update.ts';
import type { Change } from '../../core/model/change.ts';
import type { Epoch, EventId, Seq } from '../../core/model/ids.ts';
import type { HookRunJournal, HookRunKey } from '../../ports/hook-run-journal.ts';
import type { LaunchNote } from '../../ports/process-spawner.ts';
import type { Journal } from './journal.ts';

/** Stores entries: a journal on disk, or nothing. */
export type JournalWriter = Pick<Journal, 'add' | 'flush' | 'noteOf' | 'beginEpoch'>;

/** For `--dry-run`: stores nothing. */
export const nullJournal: JournalWriter = {
  add: () => undefined,
  flush: () => ({ ok: true }),
  noteOf: () => undefined,
  beginEpoch: () => undefined,
};

export interface RunJournalListener {
  /** Entries cannot be written because of this errno. Called once until writes work again. */
  onTrouble(code: string): void;
  /** All entries are written again. */
  onMended(): void;
}

/** The journal of findings and hooks: a hook starts only after its entry has been written. */
export class RunJournal implements HookRunJournal {
  readonly #journal: JournalWriter;
  readonly #listener: RunJournalListener;
  #isInTrouble = false;
  /** The newest record that no entry contains yet. */
  #numbered: Seq | undefined;

  constructor(journal: JournalWriter, listener: RunJournalListener) {
    this.#journal = journal;
    this.#listener = listener;
  }

  /** Adds the part of an activity that must outlive the process. Written at the end of the step (`flush`). */
  record(activity: Activity): void {
    if (activity.kind === 'finding') this.found(activity);
    else if (activity.kind === 'epochBegan') this.#beginEpoch(activity.epoch);
    else if ('seq' in activity) this.#numbered = activity.seq;
  }

  #beginEpoch(epoch: Epoch): void {
    this.#numbered = undefined;
    this.#journal.beginEpoch(epoch);
  }

  /** Written before the next script starts, and at the latest at the end of the step (`flush`). */
  found(finding: Finding): void {
    const {
      changes,
      silentUpdate,
      events,
      withoutHooks,
      superseded,
      reported,
      damped = [],
      initial,
    } = finding;
    const isDue = (change: Change): boolean => !damped.some((link) => isAbout(change, link));
    const kept = changes.filter((change) => isTracked(change) && isDue(change)).map(lean);
    const dropped = superseded.flatMap((order) => order.covers.map((event) => event.id));
    const waiting = withoutHooks === undefined ? events : events.filter(({ id }) => !withoutHooks.has(id));
    const newest = withoutHooks === undefined ? undefined : events.at(-1)?.seq;
    const isEmpty = kept.length + events.length + dropped.length === 0;
    if (isEmpty && silentUpdate === undefined && reported === undefined && !initial) return;
    this.#journal.add({
      kind: 'found',
      ...(initial && { initial }),
      changes: kept,
      ...(silentUpdate !== undefined && { silentUpdate }),
      events: waiting,
      superseded: dropped,
      ...(reported !== undefined && { reported }),
      ...(newest !== undefined && { lastSeq: newest }),
    });
  }

  taken({ event, covers }: HookRunOrder): void {
    if (covers.length < 2) return;
    this.#journal.add({ kind: 'taken', id: event.id, covers: covers.map(({ id }) => id), event });
  }

  starting({ eventId: id, path }: HookRunKey): void {
    this.#journal.add({ kind: 'starting', id, path });
    this.flush();
  }

  launchNote({ eventId: id, path }: HookRunKey): LaunchNote | undefined {
    return this.#journal.noteOf({ kind: 'launched', id, path });
  }

  started(
    { eventId: id, path }: HookRunKey,
    { pid, startTime }: { readonly pid: number; readonly startTime: number },
  ): void {
    this.#journal.add({ kind: 'started', id, path, pid, startTime });
    this.flush();
  }

  finished({ eventId: id, path }: HookRunKey, _run: HookRun): void {
    this.#journal.add({ kind: 'finished', id, path });
    this.flush();
  }

  withdrawn({ eventId: id, path }: HookRunKey): void {
    this.#journal.add({ kind: 'withdrawn', id, path });
    this.flush();
  }

  /** All hooks of the event have run. */
  done(id: EventId): void {
    this.#journal.add({ kind: 'done', id });
  }

  flush(): void {
    if (this.#numbered !== undefined) this.#journal.add({ kind: 'numbered', lastSeq: this.#numbered });
    this.#numbered = undefined;
    const outcome = this.#journal.flush();
    if (outcome.ok !== this.#isInTrouble) return;
    this.#isInTrouble = !outcome.ok;
    if (outcome.ok) this.#listener.onMended();
    else this.#listener.onTrouble(outcome.code);
  }
}

/** Leaves out rules: they cause no events. */
const isTracked = (change: Change): boolean =>
  change.kind !== 'ruleAppeared' && change.kind !== 'ruleVanished';

const lean = (change: Change): Change =>
  change.kind === 'linkAppeared' ? { ...change, object: withoutStatistics(change.object) } : change;
