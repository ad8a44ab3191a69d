/**
 * The key of a record in the database: one integer, made of the number of its epoch and its own number. Keys have
 * the order of the records, across epochs. JavaScript and SQLite both represent it exactly.
 */

/** 2^36 records in an epoch: 2000 a second for a year. */
const seqLimit = 2 ** 36;
/** 2^17 epochs: a boot every hour for 14 years. */
const orderLimit = 2 ** 17;

/** One more than the highest key. */
export const keyLimit: number = seqLimit * orderLimit;

/** Whether an epoch may have this number. */
export const isOrder = (order: number): boolean =>
  Number.isInteger(order) && order >= 0 && order < orderLimit;

/** `order`: number of the epoch in this database, from 0. Throws a RangeError if either is too large: a bug. */
export function recordKey(order: number, seq: number): number {
  if (!isOrder(order) || !(seq >= 0 && seq < seqLimit)) {
    throw new RangeError(`no key for record ${seq} of epoch ${order}`);
  }
  return order * seqLimit + seq;
}

export const orderOf = (key: number): number => Math.floor(key / seqLimit);
export const seqOf = (key: number): number => key % seqLimit;
