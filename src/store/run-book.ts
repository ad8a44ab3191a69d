/** The book as the daemon's parts see it: findings, turns, and how far each script has come. */

import type { Change } from '../core/change.ts';
import type { Finding, HookRunOrder } from '../core/effect.ts';
import type { HookRun } from '../core/hooks/run.ts';
import type { EventId } from '../core/ids.ts';
import { withoutStatistics } from '../core/kept/background.ts';
import type { LaunchNote } from '../ports/process-spawner.ts';
import type { LedgerEntry, RunLedger } from '../ports/run-ledger.ts';
import type { Book } from './book.ts';

/** What keeps entries: a book on disk, or nothing at all. */
export type Keeper = Pick<Book, 'add' | 'flush' | 'noteOf'>;

/** Where `--dry-run` keeps things: nowhere. */
export const forgetful: Keeper = {
  add: () => undefined,
  flush: () => ({ ok: true }),
  noteOf: () => undefined,
};

export interface RunBookListener {
  /** Entries cannot be written, for this errno. Called once until it can be done again. */
  onTrouble(code: string): void;
  /** They are all written. */
  onMended(): void;
}

/** The book as findings and hooks need it: what starts is on disk before it does. */
export class RunBook implements RunLedger {
  readonly #book: Keeper;
  readonly #listener: RunBookListener;
  #isInTrouble = false;

  constructor(book: Keeper, listener: RunBookListener) {
    this.#book = book;
    this.#listener = listener;
  }

  /** Safe before the next script starts, and at the latest when the step is over (`flush`). */
  found({ changes, background, events, unheard, superseded, initial }: Finding): void {
    const kept = changes.filter(isKept).map(lean);
    const dropped = superseded.flatMap((order) => order.covers.map((event) => event.id));
    const waiting = unheard === undefined ? events : events.filter(({ id }) => !unheard.has(id));
    const newest = unheard === undefined ? undefined : events.at(-1)?.seq;
    const isEmpty = kept.length + events.length + dropped.length === 0;
    if (isEmpty && background === undefined && !initial) return;
    this.#book.add({
      kind: 'found',
      ...(initial && { initial }),
      changes: kept,
      ...(background !== undefined && { background }),
      events: waiting,
      superseded: dropped,
      ...(newest !== undefined && { lastSeq: newest }),
    });
  }

  taken({ event, covers }: HookRunOrder): void {
    if (covers.length < 2) return;
    this.#book.add({ kind: 'taken', id: event.id, covers: covers.map(({ id }) => id), event });
  }

  starting({ eventId: id, path }: LedgerEntry): void {
    this.#book.add({ kind: 'starting', id, path });
    this.flush();
  }

  launchNote({ eventId: id, path }: LedgerEntry): LaunchNote | undefined {
    return this.#book.noteOf({ kind: 'launched', id, path });
  }

  started(
    { eventId: id, path }: LedgerEntry,
    { pid, startTime }: { readonly pid: number; readonly startTime: number },
  ): void {
    this.#book.add({ kind: 'started', id, path, pid, startTime });
    this.flush();
  }

  finished({ eventId: id, path }: LedgerEntry, _run: HookRun): void {
    this.#book.add({ kind: 'finished', id, path });
    this.flush();
  }

  withdrawn({ eventId: id, path }: LedgerEntry): void {
    this.#book.add({ kind: 'withdrawn', id, path });
    this.flush();
  }

  /** The event's turn is over. */
  done(id: EventId): void {
    this.#book.add({ kind: 'done', id });
  }

  flush(): void {
    const outcome = this.#book.flush();
    if (outcome.ok !== this.#isInTrouble) return;
    this.#isInTrouble = !outcome.ok;
    if (outcome.ok) this.#listener.onMended();
    else this.#listener.onTrouble(outcome.code);
  }
}

/** No event comes of a rule. */
const isKept = (change: Change): boolean => change.kind !== 'ruleAppeared' && change.kind !== 'ruleVanished';

const lean = (change: Change): Change =>
  change.kind === 'linkAppeared' ? { ...change, object: withoutStatistics(change.object) } : change;
