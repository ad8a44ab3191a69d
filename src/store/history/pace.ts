/** When the history does what: decisions alone, in numbers. */
import { type Instant, type Millis, millis } from '../../core/model/ids.ts';
import type { HistoryCode } from '../../ports/history.ts';

/** Records in one transaction. Decision record 7 has the figures. */
export const batchSize = 20;
/** Records that one slice of the retention or of the check after a crash takes. */
export const sliceSize = 500;

/** Stored records that stay in memory, for readers that were away for a moment. The others wait for nothing there. */
export const recentRecords = 1000;

/** A record waits so long for others to be stored with; by then the hooks that it caused have been started. */
const batchDelay = millis(50);
/** Where there is a whole batch: in the next turn of the loop, behind what this turn has started. */
const nextTurn = millis(0);

/** How long until the records that wait are stored. */
export const storeDelay = (waiting: number): Millis => (waiting >= batchSize ? nextTurn : batchDelay);

/** Records that come so long after each other are a quiet network. */
export const quietAfter: Millis = millis(1000);
/** On a network that is never quiet, maintenance waits no longer than this. */
const longestPostponement = millis(30_000);
/** Between two pieces of one piece of work. */
export const betweenSlices: Millis = millis(20);
/** With nothing to do: whether the file is still there, and old records. */
const idleRound = millis(60_000);

export interface Quiet {
  readonly now: Instant;
  /** When a record was last seen to have come. */
  readonly lastRecord: Instant;
  /** When maintenance last had its turn. */
  readonly lastRound: Instant;
}

/** Whether the network is quiet enough for what syncs the disk and deletes, or has been busy for too long. */
export const mayMaintain = ({ now, lastRecord, lastRound }: Quiet): boolean =>
  now - lastRecord >= quietAfter || now - lastRound >= longestPostponement;

/**
 * How long until the next look. `more`: a slice was not the last one. `dirty`: something was stored since the last
 * checkpoint. An idle history wakes up once a minute.
 */
export function maintenanceDelay(more: boolean, dirty: boolean): Millis {
  if (more) return betweenSlices;
  return dirty ? quietAfter : idleRound;
}

/** The retention works without waiting for quiet above this part of the limit: a storm must not fill the disk. */
const tolerance = 1.1;

export interface Usage {
  /** Bytes in use. */
  readonly used: number;
  readonly limit: number;
}

export const isFarTooLarge = ({ used, limit }: Usage): boolean => used > limit * tolerance;

/** Somebody else's lock is short as a rule; everything else needs an operator, or luck. */
const busyRetry = millis(1000);
const otherRetry = millis(60_000);
/** So many times in a row a lock is nothing to report. */
const busyTolerated = 5;

export interface Retry {
  readonly delay: Millis;
  /** Whether the history now counts as failed. */
  readonly failed: boolean;
}

/** What follows the `attempts`-th failure in a row, from 1. */
export function retryAfter(code: HistoryCode, attempts: number): Retry {
  if (code !== 'NETEVD_HISTORY_BUSY') return { delay: otherRetry, failed: true };
  const failed = attempts > busyTolerated;
  return { delay: failed ? otherRetry : busyRetry, failed };
}

/** Records stored since the last checkpoint that make one due without quiet; it holds the loop for 1 ms then. */
const checkpointAfter = 1000;
/** Bytes of log that a reader may keep from being taken over; with more, the disk is at risk. */
const longestLog = 64 * 1024 * 1024;

export const isCheckpointDue = (storedSince: number): boolean => storedSince >= checkpointAfter;
export const isLogTooLong = (bytes: number): boolean => bytes > longestLog;

/** While the loop has something more urgent to do, a batch waits a little, so many times. */
export const politePause: Millis = millis(5);
export const mostPauses = 20;
