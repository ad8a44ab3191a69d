/**
 * The leases that dhclient holds, by the files in which it keeps them. A change is seen by inotify, at the latest by the
 * look that is taken every half minute; the end of a lease by a timer.
 */

import type { IpAddress } from '../../core/model/address.ts';
import type { Fact } from '../../core/model/fact.ts';
import { type Instant, instant, millis } from '../../core/model/ids.ts';
import type { ActiveLease } from '../../core/model/state.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { FileReading, WatchedFiles } from '../../ports/watched-files.ts';
import { maxLeaseText } from '../../wire/lease/dhclient.ts';
import { AwaitedLeases, isLeased } from './awaited-leases.ts';
import { readContent } from './lease-content.ts';
import { type FileNews, type LeaseFile, noteNews } from './lease-file.ts';
import { refusal } from './lease-file-trust.ts';
import { type Place, parentOf, pathIn, placesOf } from './lease-paths.ts';
import { LeaseReports } from './lease-reports.ts';
import {
  type Conclusion,
  conclude,
  emptyLeaseTable,
  type LeaseTable,
  type Moment,
  updateLeaseTable,
} from './lease-table.ts';
import { PlaceWatch } from './path-watch.ts';

export interface DhclientSourceParts {
  readonly files: WatchedFiles;
  readonly clock: Clock;
  readonly log: Logger;
  /** Gets all facts of one look together. */
  readonly sink: (facts: readonly Fact[]) => void;
  /** User ids whose lease files are believed: root's, and those of the user that netevd was started as. */
  readonly owners: readonly number[];
  /** Leases that an earlier run knew: they hold until every file could be read. */
  readonly recovered: readonly ActiveLease[];
}

/**
 * Between looks. A lease is to be known before its address, which dhclient's script sets some 20 ms later: so that one
 * event tells of both.
 */
const lookDistance = millis(5);
/** How often is looked in any case; and where a directory cannot be watched. */
const pollInterval = millis(30_000);
const blindPollInterval = millis(2000);
/** Of each directory: a machine has a file for each of its links, not thousands. */
const maxFiles = 512;

export class DhclientSource implements Disposable {
  readonly #parts: DhclientSourceParts;
  readonly #reports: LeaseReports;
  #places: readonly { readonly place: Place; readonly watch: PlaceWatch }[] = [];
  #journal: LeaseTable;
  #told = '';
  #lookedAt: Instant = instant(0);
  /** Paths that something has happened to since the last look. */
  readonly #touched = new Set<string>();
  readonly #awaited = new AwaitedLeases();
  #conclusion: Conclusion | undefined;
  #isBlind = false;
  #soon: Disposable | undefined;
  #timer: Disposable | undefined;

  constructor(parts: DhclientSourceParts) {
    this.#parts = parts;
    this.#reports = new LeaseReports(parts.log);
    this.#journal = emptyLeaseTable(parts.recovered);
  }

  /** Reads everything, and has told it when it returns; then goes on by itself. */
  start(leaseFiles: readonly string[]): void {
    this.configure(leaseFiles);
  }

  /** From now on these files count; those that are no longer among them are as if they were gone. */
  configure(leaseFiles: readonly string[]): void {
    for (const { watch } of this.#places) watch[Symbol.dispose]();
    this.#places = placesOf(leaseFiles).map((place) => ({
      place,
      watch: new PlaceWatch(this.#parts.files, place.directory, (name) => this.#initialReads(place, name)),
    }));
    const counts = (path: string): boolean => this.#places.some(({ place }) => isIn(place, path));
    const files = new Map([...this.#journal.files].filter(([path]) => counts(path)));
    this.#journal = { ...this.#journal, files, unlisted: new Set() };
    this.#look();
  }

  /** Facts of the kernel, before they are told to others: an address may announce a lease. */
  onKernelFacts(facts: readonly Fact[]): void {
    // A machine without lease files has no dhclient.
    if (this.#conclusion === undefined || this.#journal.files.size === 0) return;
    const { held } = this.#conclusion;
    const now = this.#parts.clock.now();
    let isNews = false;
    for (const fact of facts) {
      if (fact.kind === 'addressVanished') isNews = this.#awaited.delete(fact.address.address) || isNews;
      if (fact.kind !== 'addressObserved' || !isLeased(fact.address)) continue;
      const { address } = fact.address;
      const isKnown = held.some((lease) => lease.addresses.includes(address));
      if (!isKnown) isNews = this.#awaited.add(address, now) || isNews;
    }
    if (isNews) this.#conclude({ now, wall: this.#parts.clock.wall() });
  }

  [Symbol.dispose](): void {
    this.#conclusion = undefined;
    for (const { watch } of this.#places) watch[Symbol.dispose]();
    this.#places = [];
    this.#soon?.[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
  }

  #initialReads(place: Place, name: string | undefined): void {
    if (name !== undefined) {
      if (!place.matches(name)) return;
      this.#touched.add(pathIn(place.directory, name));
    }
    const wait = millis(Math.max(0, this.#lookedAt + lookDistance - this.#parts.clock.now()));
    this.#soon ??= this.#parts.clock.schedule(wait, () => this.#look());
  }

  /** Looks at everything; reads what has changed, and what something happened to. */
  #look(): void {
    this.#soon?.[Symbol.dispose]();
    this.#soon = undefined;
    const { clock } = this.#parts;
    const at = { now: clock.now(), wall: clock.wall() };
    this.#lookedAt = at.now;
    this.#isBlind = false;
    for (const { place, watch } of this.#places) {
      const failure = watch.arm();
      this.#reports.watching(place.directory, failure);
      this.#isBlind ||= failure !== undefined;
      this.#journal = this.#lookAt(place, this.#journal, at);
    }
    this.#touched.clear();
    this.#conclude(at);
  }

  #conclude(at: Moment): void {
    this.#journal = updateLeaseTable(this.#journal, at.now);
    this.#conclusion = conclude(this.#journal, at);
    for (const lease of this.#conclusion.held) {
      for (const address of lease.addresses) this.#awaited.delete(address);
    }
    this.#tell(this.#conclusion, this.#awaited.at(at.now));
    this.#arm(this.#conclusion, at);
  }

  #lookAt(place: Place, journal: LeaseTable, at: Moment): LeaseTable {
    const { directory } = place;
    const listing = this.#parts.files.list(directory);
    this.#reports.listing(directory, listing.kind === 'failed' ? listing.code : undefined);
    const unlisted = new Set(journal.unlisted);
    unlisted.delete(directory);
    if (listing.kind === 'failed') return { ...journal, unlisted: unlisted.add(directory) };
    const there = listing.kind === 'listed' ? listing.names.filter((name) => place.matches(name)) : [];
    this.#reports.tooMany(directory, there.length > maxFiles);
    const paths = there
      .toSorted()
      .slice(0, maxFiles)
      .map((name) => pathIn(directory, name));
    const known = [...journal.files.keys()].filter((path) => isIn(place, path));
    const files = new Map(journal.files);
    for (const path of new Set([...paths, ...known])) {
      const file = noteNews(path, files.get(path), this.#newsOf(path, files.get(path)), at.now);
      this.#reports.trouble(path, file?.trouble?.reason);
      if (file === undefined) files.delete(path);
      else files.set(path, file);
    }
    return { ...journal, files, unlisted };
  }

  #newsOf(path: string, file: LeaseFile | undefined): FileNews {
    const known = this.#touched.has(path) ? undefined : file?.signature;
    const reading = this.#parts.files.read({
      path,
      refuse: (facts) => refusal(facts, this.#parts.owners),
      limit: maxLeaseText + 1,
      ...(known !== undefined && { known }),
    });
    return reading.kind === 'read' ? this.#newsIn(path, reading) : newsWithoutText(reading);
  }

  #newsIn(path: string, { modified, text, signature }: FileReading & { readonly kind: 'read' }): FileNews {
    const result = readContent(path, modified, text);
    if (!result.ok) return troubled(result.problem, text.length > maxLeaseText);
    const { leases, incomplete, problems } = result.content;
    if (!incomplete) this.#reports.problems(path, problems);
    return { kind: 'read', modified, signature, leases, incomplete };
  }

  #tell({ held, certain }: Conclusion, awaited: readonly IpAddress[]): void {
    const text = JSON.stringify([held, certain, awaited]);
    if (text === this.#told) return;
    this.#told = text;
    const read: Fact = { kind: 'leasesRead', active: held, ...(awaited.length > 0 && { awaited }) };
    const lost: Fact = { kind: 'sourceLostSync', source: 'dhclient', cause: 'interrupted' };
    this.#parts.sink(certain ? [read] : [read, lost]);
  }

  #arm({ expiresAt, settleAt }: Conclusion, { now, wall }: Moment): void {
    this.#timer?.[Symbol.dispose]();
    const poll = this.#isBlind ? blindPollInterval : pollInterval;
    const { nextAt } = this.#awaited;
    const giveUp = nextAt === undefined ? poll : nextAt - now;
    const expiry = expiresAt === undefined ? poll : expiresAt - wall;
    const settling = settleAt === undefined ? poll : settleAt - now;
    const delay = millis(Math.max(1, Math.min(poll, expiry, settling, giveUp)));
    this.#timer = this.#parts.clock.schedule(delay, () => this.#look());
  }
}

const isIn = (place: Place, path: string): boolean =>
  parentOf(path) === place.directory && place.matches(path.slice(path.lastIndexOf('/') + 1));

const troubled = (reason: string, unknown: boolean): FileNews => ({
  kind: 'trouble',
  trouble: { reason, unknown },
});

function newsWithoutText(reading: Exclude<FileReading, { readonly kind: 'read' }>): FileNews {
  switch (reading.kind) {
    case 'link':
      return troubled('it is a symbolic link', false);
    case 'refused':
      return troubled(reading.reason, false);
    case 'failed':
      return troubled(reading.code, true);
    default:
      return reading;
  }
}
