/**
 * Reads memory and database as one sequence: no record twice, and none left out without a gap. Memory has the
 * newest records, the database nearly all. Records in neither were lost before they were stored.
 */
import { everyRecord, matchesFilter, type RecordFilter } from '../../core/records/record-filter.ts';
import type { RecordRing } from '../../core/records/record-ring.ts';
import {
  type GapCause,
  gapBetween,
  positionOf,
  type RecordGap,
  type RecordItem,
  type RecordPage,
  type RecordPosition,
  type StoredRecord,
} from '../../core/records/stored-record.ts';

/** What a reader needs of the database. Each result is undefined if the database cannot be read now. */
export interface RecordArchive {
  since(after: RecordPosition | null, limit: number, filter: RecordFilter): RecordPage | undefined;
  latest(before: RecordPosition | null, limit: number, filter: RecordFilter): RecordPage | undefined;
  oldest(): RecordPosition | null | undefined;
  /** The newest record that was ever stored. */
  head(): RecordPosition | null | undefined;
  knows(epoch: string): boolean | undefined;
}

/** Maximum number of records in one page. */
const pageLimit = 500;
const nothing: RecordPage = { items: [], next: null, more: false };

export class RecordReader {
  readonly #ring: RecordRing;
  readonly #archive: RecordArchive;
  readonly #isConfigured: boolean;

  /** `isConfigured`: whether there is a database. Without one, records that left memory have expired. */
  constructor(ring: RecordRing, archive: RecordArchive, isConfigured: boolean) {
    this.#ring = ring;
    this.#archive = archive;
    this.#isConfigured = isConfigured;
  }

  /** See `ReadableHistory`. */
  since(after: RecordPosition | null, limit: number, filter: RecordFilter): RecordPage {
    const most = clamp(limit);
    const ordinal = after === null ? undefined : this.#ring.ordinalAfter(after);
    if (ordinal !== undefined) return this.#fromRing(ordinal, most, filter, []);
    const first = this.#ring.oldest;
    if (after !== null && first !== undefined && this.#isUnstored(after.epoch)) {
      return this.#overGap(this.#missingBefore(first, after), most, filter);
    }
    const page = this.#archive.since(after, most, filter);
    if (page === undefined) return this.#fromMemoryAlone(after, most, filter);
    return page.more ? page : this.#beyondArchive(page, most - page.items.length, filter);
  }

  /** See `ReadableHistory`. */
  latest(before: RecordPosition | null, limit: number, filter: RecordFilter): RecordPage {
    const most = clamp(limit);
    if (before !== null && !this.#ring.knows(before.epoch) && this.#archive.knows(before.epoch) === false) {
      return { ...nothing, items: [unknownGap('other-instance')] };
    }
    const start = before === null ? this.#ring.end : this.#ring.ordinalOf(before);
    if (start === undefined) return this.#latestStored(before, most, filter);
    const items: StoredRecord[] = [];
    let ordinal = start;
    while (ordinal > this.#ring.begin && items.length < most) {
      const record = this.#ring.at(--ordinal);
      if (record !== undefined && matchesFilter(filter, record)) items.push(record);
    }
    const last = this.#ring.at(ordinal);
    const next = last === undefined ? before : positionOf(last);
    if (items.length === most && next !== null) {
      return { items, next, more: ordinal > this.#ring.begin || this.#hasOlder(next) };
    }
    const older = this.#latestStored(next, most - items.length, filter);
    return { ...older, items: [...items, ...older.items] };
  }

  /** See `ReadableHistory`. */
  oldest(): RecordPosition | null {
    const first = this.#ring.oldest;
    return this.#archive.oldest() ?? (first === undefined ? null : positionOf(first));
  }

  /** See `ReadableHistory`. */
  head(): RecordPosition | null {
    const newest = this.#ring.newest;
    return newest === undefined ? (this.#archive.head() ?? null) : positionOf(newest);
  }

  /** Appends the records of memory from `ordinal` on to the page. */
  #fromRing(ordinal: number, limit: number, filter: RecordFilter, before: readonly RecordItem[]): RecordPage {
    const items = [...before];
    let next = ordinal;
    while (next < this.#ring.end && items.length - before.length < limit) {
      const record = this.#ring.at(next++);
      if (record !== undefined && matchesFilter(filter, record)) items.push(record);
    }
    const last = this.#ring.at(next - 1);
    const position = last === undefined ? null : positionOf(last);
    return { items, next: position, more: next < this.#ring.end };
  }

  /** Continues in memory where the database ends, after a gap if records between the two are missing. */
  #beyondArchive(page: RecordPage, left: number, filter: RecordFilter): RecordPage {
    const first = this.#ring.oldest;
    if (first === undefined) return page;
    const ordinal = page.next === null ? undefined : this.#ring.ordinalAfter(page.next);
    if (ordinal !== undefined) {
      if (left <= 0) return { ...page, more: ordinal < this.#ring.end };
      const rest = this.#fromRing(ordinal, left, filter, page.items);
      // Without a record after it, the position is the page's own: memory may not have that record any more.
      return ordinal < this.#ring.end ? rest : { ...rest, next: page.next };
    }
    const gap = gapBetween(page.next, first);
    const items = gap === undefined ? page.items : [...page.items, gap];
    return this.#fromRing(this.#ring.begin, Math.max(1, left), filter, items);
  }

  #fromMemoryAlone(after: RecordPosition | null, limit: number, filter: RecordFilter): RecordPage {
    const first = this.#ring.oldest;
    if (first !== undefined) return this.#overGap(this.#missingBefore(first, after), limit, filter);
    const isAtStart = after === null && !this.#isConfigured;
    return isAtStart ? nothing : { ...nothing, items: [this.#unknown()] };
  }

  /** A gap, then all of memory. */
  #overGap(gap: RecordGap | undefined, limit: number, filter: RecordFilter): RecordPage {
    return this.#fromRing(this.#ring.begin, limit, filter, gap === undefined ? [] : [gap]);
  }

  /** The gap between `after` and the oldest record in memory. */
  #missingBefore(first: StoredRecord, after: RecordPosition | null): RecordGap | undefined {
    if (after === null) return this.#isConfigured ? this.#unknown() : undefined;
    if (after.epoch !== first.epoch || after.seq >= first.seq) return this.#unknown();
    const gap = gapBetween(after, first);
    // Without a database, records that leave memory have expired; nothing has failed.
    return gap === undefined || this.#isConfigured ? gap : { ...gap, cause: 'expired' };
  }

  /** The gap of unknown records. */
  #unknown(): RecordGap {
    return unknownGap(this.#isConfigured ? 'history-failed' : 'other-instance');
  }

  /** Whether memory has records of this epoch, and a readable database has none. */
  #isUnstored(epoch: string): boolean {
    return this.#ring.knows(epoch) && this.#archive.knows(epoch) === false;
  }

  /** Whether there is a record or a gap before memory's oldest record, which is `first`. */
  #hasOlder(first: RecordPosition): boolean {
    const page = this.#archive.latest(first, 1, everyRecord);
    if (page === undefined) return this.#isConfigured;
    return page.items.length > 0 || this.#unstoredBefore(first) !== undefined;
  }

  /** Records older than memory, after a gap if records between the two are missing. */
  #latestStored(before: RecordPosition | null, limit: number, filter: RecordFilter): RecordPage {
    const page = this.#archive.latest(before, limit, filter);
    if (page === undefined) {
      return { items: this.#isConfigured ? [this.#unknown()] : [], next: before, more: false };
    }
    const gap = this.#unstoredBefore(before);
    return gap === undefined ? page : { ...page, items: [gap, ...page.items] };
  }

  /** The gap between the newest stored record and `before`, if that is not stored. */
  #unstoredBefore(before: RecordPosition | null): RecordGap | undefined {
    const head = this.#archive.head();
    if (before === null || head === undefined) return undefined;
    const isNewer = head?.epoch === before.epoch ? before.seq > head.seq : this.#isUnstored(before.epoch);
    return isNewer ? gapBetween(head, before) : undefined;
  }
}

const clamp = (limit: number): number => Math.min(Math.max(1, Math.floor(limit)), pageLimit);
const unknownGap = (cause: GapCause): RecordGap => ({ kind: 'gap', cause, from: null, to: null, lost: null });
