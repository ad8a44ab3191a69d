/** Decides when the history does what. Pure. */
import { type Instant, type Millis, millis } from '../../core/model/ids.ts';
import type { HistoryCode } from '../../ports/history.ts';

/** Records in one transaction. Decision record 7 has the figures. */
export const batchSize = 20;
/** Records that one slice of retention or of the check after a crash processes. */
export const sliceSize = 500;

/** Stored records that stay in memory, for readers that were away for a moment. */
export const recentRecords = 1000;

/** How long a record waits for others of its batch. The hooks of its event have started by then. */
const batchDelay = millis(50);
/** Delay of a full batch: the next turn of the loop, after what this turn has started. */
const nextTurn = millis(0);

/** How long to wait before the next batch. */
export const storeDelay = (waiting: number): Millis => (waiting >= batchSize ? nextTurn : batchDelay);

/** The network is quiet after this time without a record. */
export const quietAfter: Millis = millis(1000);
/** Maximum time that maintenance waits for quiet. */
const longestPostponement = millis(30_000);
/** Delay between two slices of one task. */
export const betweenSlices: Millis = millis(20);
/** Interval of an idle history: checks whether the file still exists, and for old records. */
const idleRound = millis(60_000);

export interface Quiet {
  readonly now: Instant;
  /** Time of the newest record. */
  readonly lastRecord: Instant;
  /** Time of the last maintenance. */
  readonly lastRound: Instant;
}

/** Whether maintenance, which syncs the disk and deletes records, may run: it is quiet, or has waited long enough. */
export const mayMaintain = ({ now, lastRecord, lastRound }: Quiet): boolean =>
  now - lastRecord >= quietAfter || now - lastRound >= longestPostponement;

/**
 * How long until the next maintenance. `more`: the last slice left work. `dirty`: records were stored since the last
 * checkpoint. An idle history wakes up once a minute.
 */
export function maintenanceDelay(more: boolean, dirty: boolean): Millis {
  if (more) return betweenSlices;
  return dirty ? quietAfter : idleRound;
}

/** Above this fraction of its limit, retention does not wait for quiet: a storm must not fill the disk. */
const tolerance = 1.1;

export interface Usage {
  /** Bytes in use. */
  readonly used: number;
  readonly limit: number;
}

export const isFarTooLarge = ({ used, limit }: Usage): boolean => used > limit * tolerance;

/** Locks of other programs are short as a rule; other failures need the operator. */
const busyRetry = millis(1000);
const otherRetry = millis(60_000);
/** Number of consecutive locks that are not reported. */
const busyTolerated = 5;

export interface Retry {
  readonly delay: Millis;
  /** Whether the history now counts as failed. */
  readonly failed: boolean;
}

/** What to do after the `attempts`-th failure in a row, from 1. */
export function retryAfter(code: HistoryCode, attempts: number): Retry {
  if (code !== 'NETEVD_HISTORY_BUSY') return { delay: otherRetry, failed: true };
  const failed = attempts > busyTolerated;
  return { delay: failed ? otherRetry : busyRetry, failed };
}

/** After this number of stored records a checkpoint does not wait for quiet; it blocks the loop for 1 ms then. */
const checkpointAfter = 1000;
/** Maximum bytes of log that a reader may keep; with more, the log could fill the disk. */
const longestLog = 64 * 1024 * 1024;

export const isCheckpointDue = (storedSince: number): boolean => storedSince >= checkpointAfter;
export const isLogTooLong = (bytes: number): boolean => bytes > longestLog;

/** How long a batch waits while the loop has more urgent work, and how many times. */
export const politePause: Millis = millis(5);
export const mostPauses = 20;
