/** The observer that renders records: once, for history, stream, status and audit log alike. */
import type { Activity } from '../../core/activity.ts';
import { type Epoch, type IfIndex, millis } from '../../core/model/ids.ts';
import type { StoredRecord } from '../../core/records/stored-record.ts';
import { type RecordView, recordViews } from '../../core/view/record-view.ts';
import type { ActivityGap, ActivityObserver } from '../../ports/activity-observer.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';

/** Takes records in their order. It must neither wait nor throw. */
export interface RecordSink {
  record(stored: StoredRecord, view: RecordView): void;
}

/** Takes the activity itself, in the same order, before its records. */
export interface ActivitySink {
  activity(activity: Activity): void;
}

export interface RecordFeedParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** Epoch of the first record. */
  readonly epoch: Epoch;
  readonly nameOf: (index: IfIndex) => string;
  /** In the order in which they are called. */
  readonly sinks: readonly RecordSink[];
  readonly watchers: readonly ActivitySink[];
}

/** Activities that wait for their records at most: what is lost beyond is a gap in the history. */
export const recordQueueLimit = 50_000;
/** Records that are rendered before the loop turns: a finding about a thousand links has some thousands. */
const sliceSize = 100;
const nextTurn = millis(0);

export class RecordFeed implements ActivityObserver {
  readonly name = 'records';
  readonly queueLimit: number = recordQueueLimit;
  readonly #parts: RecordFeedParts;
  #epoch: Epoch;

  constructor(parts: RecordFeedParts) {
    this.#parts = parts;
    this.#epoch = parts.epoch;
  }

  observe(activity: Activity | ActivityGap): void | Promise<void> {
    if (activity.kind === 'gap') {
      const { lost } = activity;
      this.#parts.log.warn(`${lost} activities came too fast for the history; readers get a gap`, {
        component: 'history',
        repeatKey: 'record-feed',
        lost,
      });
      return;
    }
    if (activity.kind === 'epochBegan') this.#epoch = activity.epoch;
    for (const watcher of this.#parts.watchers) watcher.activity(activity);
    const views = recordViews(activity, { epoch: this.#epoch, nameOf: this.#parts.nameOf });
    return views.length <= sliceSize ? this.#deliver(views) : this.#deliverInSlices(views);
  }

  #deliver(views: readonly RecordView[]): void {
    for (const view of views) {
      const stored = storedRecord(view);
      for (const sink of this.#parts.sinks) sink.record(stored, view);
    }
  }

  async #deliverInSlices(views: readonly RecordView[]): Promise<void> {
    for (let start = 0; start < views.length; start += sliceSize) {
      this.#deliver(views.slice(start, start + sliceSize));
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#parts.clock.schedule(nextTurn, resolve);
      await promise;
    }
  }
}

/** The record as the history keeps it. */
export function storedRecord({ epoch, seq, at, kind, type, link, record }: RecordView): StoredRecord {
  return {
    epoch,
    seq,
    at,
    kind,
    type,
    ...(link !== undefined && { link }),
    json: JSON.stringify(record),
  };
}
