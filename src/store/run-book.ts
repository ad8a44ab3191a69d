/** The book as the daemon's parts see it: findings, turns, and how far each script has come. */

import type { Change } from '../core/change.ts';
import type { Finding, HookRunOrder } from '../core/engine.ts';
import type { HookRun } from '../core/hook-run.ts';
import type { EventId } from '../core/ids.ts';
import type { LedgerEntry, RunLedger } from '../ports/run-ledger.ts';
import type { Book } from './book.ts';

export class RunBook implements RunLedger {
  readonly #book: Book;
  readonly #onFailure: () => void;

  /** `onFailure` is called where an entry could not be written. */
  constructor(book: Book, onFailure: () => void) {
    this.#book = book;
    this.#onFailure = onFailure;
  }

  /** Safe before the next script starts, and at the latest when the step is over (`flush`). */
  found({ changes, events, superseded }: Finding): void {
    const kept = changes.filter(isKept).map(withoutStatistics);
    const dropped = superseded.flatMap((order) => order.covers.map((event) => event.id));
    if (kept.length === 0 && events.length === 0 && dropped.length === 0) return;
    this.#book.add({ kind: 'found', changes: kept, events, superseded: dropped });
  }

  taken({ event, covers }: HookRunOrder): void {
    if (covers.length < 2) return;
    this.#book.add({ kind: 'taken', id: event.id, covers: covers.map(({ id }) => id), event });
  }

  starting({ eventId: id, path }: LedgerEntry): void {
    this.#book.add({ kind: 'starting', id, path });
    this.flush();
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
    if (!this.#book.flush()) this.#onFailure();
  }
}

/** No event comes of a rule. */
const isKept = (change: Change): boolean => change.kind !== 'ruleAppeared' && change.kind !== 'ruleVanished';

/** Counters are of the past as soon as they are read. */
function withoutStatistics(change: Change): Change {
  if (change.kind !== 'linkAppeared' || change.object.statistics === undefined) return change;
  const { statistics: _, ...object } = change.object;
  return { ...change, object };
}
