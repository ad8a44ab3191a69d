/**
 * Leases of dhclient, read from its lease files. inotify reports a change; a scan every half minute finds
 * what inotify missed. A timer reports the end of a lease.
 */

import type { Moment } from '../../core/engine-options.ts';
import type { IpAddress } from '../../core/model/address.ts';
import type { Fact } from '../../core/model/fact.ts';
import { type Instant, instant, millis } from '../../core/model/ids.ts';
import { openFileRefusal } from '../../core/model/path-trust.ts';
import type { ActiveLease } from '../../core/model/state.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { FileReadResult, WatchedFiles } from '../../ports/watched-files.ts';
import { maxLeaseText } from '../../wire/lease/dhclient.ts';
import { AwaitedLeases, isLeased } from './awaited-leases.ts';
import { readContent } from './lease-content.ts';
import { applyUpdate, type FileUpdate, type LeaseFile } from './lease-file.ts';
import { type LeaseDirectory, leaseDirectoriesOf, parentOf, pathIn } from './lease-paths.ts';
import { LeaseProblemLog } from './lease-problem-log.ts';
import {
  type ActiveLeases,
  activeLeases,
  emptyLeaseTable,
  type LeaseTable,
  updateLeaseTable,
} from './lease-table.ts';
import { LeaseDirectoryWatch } from './path-watch.ts';

export interface DhclientSourceParts {
  readonly files: WatchedFiles;
  readonly clock: Clock;
  readonly log: Logger;
  /** Gets all facts of one scan together. */
  readonly sink: (facts: readonly Fact[]) => void;
  /** User ids whose lease files are trusted: root, and the user that started netevd. */
  readonly owners: readonly number[];
  /** Leases that an earlier run knew. They stay active until every file has been read. */
  readonly recovered: readonly ActiveLease[];
}

/**
 * Shortest time between scans. A lease must be known before its address, which dhclient's script sets some 20
 * ms later, so that one event has both.
 */
const minScanInterval = millis(5);
/** Time between scans without a change; and where a directory cannot be watched. */
const pollInterval = millis(30_000);
const unwatchedPollInterval = millis(2000);
/** In each directory. A machine has one file for each of its links, not thousands. */
const maxFiles = 512;

export class DhclientSource implements Disposable {
  readonly #parts: DhclientSourceParts;
  readonly #problems: LeaseProblemLog;
  #directories: readonly { readonly directory: LeaseDirectory; readonly watch: LeaseDirectoryWatch }[] = [];
  #table: LeaseTable;
  /** The last report, to leave out repetitions. */
  #reported = '';
  #scannedAt: Instant = instant(0);
  /** Paths with an inotify event since the last scan. */
  readonly #touched = new Set<string>();
  readonly #awaited = new AwaitedLeases();
  #active: ActiveLeases | undefined;
  #isUnwatched = false;
  #nextScan: Disposable | undefined;
  #timer: Disposable | undefined;

  constructor(parts: DhclientSourceParts) {
    this.#parts = parts;
    this.#problems = new LeaseProblemLog(parts.log);
    this.#table = emptyLeaseTable(parts.recovered);
  }

  /** Reads every file and reports the leases before it returns, then follows the files. */
  start(leaseFiles: readonly string[]): void {
    this.configure(leaseFiles);
  }

  /** Replaces the list of lease files. A file that is no longer listed counts as removed. */
  configure(leaseFiles: readonly string[]): void {
    for (const { watch } of this.#directories) watch[Symbol.dispose]();
    this.#directories = leaseDirectoriesOf(leaseFiles).map((directory) => ({
      directory,
      watch: new LeaseDirectoryWatch(this.#parts.files, directory.path, (name) =>
        this.#scheduleScan(directory, name),
      ),
    }));
    const isListed = (path: string): boolean =>
      this.#directories.some(({ directory }) => isIn(directory, path));
    const files = new Map([...this.#table.files].filter(([path]) => isListed(path)));
    this.#table = { ...this.#table, files, unlisted: new Set() };
    this.#scan();
  }

  /** To be called before other receivers of the same facts: an address may announce a lease. */
  onKernelFacts(facts: readonly Fact[]): void {
    // A machine without lease files has no dhclient.
    if (this.#active === undefined || this.#table.files.size === 0) return;
    const { leases } = this.#active;
    const now = this.#parts.clock.now();
    let isChanged = false;
    for (const fact of facts) {
      if (fact.kind === 'addressVanished')
        isChanged = this.#awaited.delete(fact.address.address) || isChanged;
      if (fact.kind !== 'addressObserved' || !isLeased(fact.address)) continue;
      const { address } = fact.address;
      const isKnown = leases.some((lease) => lease.addresses.includes(address));
      if (!isKnown) isChanged = this.#awaited.add(address, now) || isChanged;
    }
    if (isChanged) this.#update({ now, wall: this.#parts.clock.wall() });
  }

  [Symbol.dispose](): void {
    this.#active = undefined;
    for (const { watch } of this.#directories) watch[Symbol.dispose]();
    this.#directories = [];
    this.#nextScan?.[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
  }

  #scheduleScan(directory: LeaseDirectory, name: string | undefined): void {
    if (name !== undefined) {
      if (!directory.matches(name)) return;
      this.#touched.add(pathIn(directory.path, name));
    }
    const wait = millis(Math.max(0, this.#scannedAt + minScanInterval - this.#parts.clock.now()));
    this.#nextScan ??= this.#parts.clock.schedule(wait, () => this.#scan());
  }

  /** Looks at every file; reads those that changed or had an inotify event. */
  #scan(): void {
    this.#nextScan?.[Symbol.dispose]();
    this.#nextScan = undefined;
    const { clock } = this.#parts;
    const at = { now: clock.now(), wall: clock.wall() };
    this.#scannedAt = at.now;
    this.#isUnwatched = false;
    for (const { directory, watch } of this.#directories) {
      const failure = watch.arm();
      this.#problems.watching(directory.path, failure);
      this.#isUnwatched ||= failure !== undefined;
      this.#table = this.#scanDirectory(directory, this.#table, at);
    }
    this.#touched.clear();
    this.#update(at);
  }

  #update(at: Moment): void {
    this.#table = updateLeaseTable(this.#table, at.now);
    this.#active = activeLeases(this.#table, at);
    for (const lease of this.#active.leases) {
      for (const address of lease.addresses) this.#awaited.delete(address);
    }
    this.#report(this.#active, this.#awaited.at(at.now));
    this.#arm(this.#active, at);
  }

  #scanDirectory(directory: LeaseDirectory, table: LeaseTable, at: Moment): LeaseTable {
    const listing = this.#parts.files.list(directory.path);
    this.#problems.listing(directory.path, listing.kind === 'failed' ? listing.code : undefined);
    const unlisted = new Set(table.unlisted);
    unlisted.delete(directory.path);
    if (listing.kind === 'failed') return { ...table, unlisted: unlisted.add(directory.path) };
    const found = listing.kind === 'listed' ? listing.names.filter((name) => directory.matches(name)) : [];
    this.#problems.tooMany(directory.path, found.length > maxFiles);
    const paths = found
      .toSorted()
      .slice(0, maxFiles)
      .map((name) => pathIn(directory.path, name));
    const known = [...table.files.keys()].filter((path) => isIn(directory, path));
    const files = new Map(table.files);
    for (const path of new Set([...paths, ...known])) {
      const file = applyUpdate(path, files.get(path), this.#read(path, files.get(path)), at.now);
      this.#problems.file(path, file?.problem);
      if (file === undefined) files.delete(path);
      else files.set(path, file);
    }
    return { ...table, files, unlisted };
  }

  #read(path: string, file: LeaseFile | undefined): FileUpdate {
    const known = this.#touched.has(path) ? undefined : file?.signature;
    const reading = this.#parts.files.read({
      path,
      // A lease decides which DNS servers and which host name the machine uses.
      refuse: (file) => openFileRefusal(file, { owners: this.#parts.owners, mayGroupWrite: true }),
      limit: maxLeaseText + 1,
      ...(known !== undefined && { known }),
    });
    return reading.kind === 'read' ? this.#parse(path, reading) : updateWithoutText(path, reading);
  }

  #parse(
    path: string,
    { modified, text, signature }: FileReadResult & { readonly kind: 'read' },
  ): FileUpdate {
    const result = readContent(path, modified, text);
    if (!result.ok) return unreadable('content', `${path}: ${result.problem}`, text.length > maxLeaseText);
    const { leases, incomplete, problems } = result.content;
    if (!incomplete) this.#problems.content(path, problems);
    return { kind: 'read', modified, signature, leases, incomplete };
  }

  #report({ leases, isComplete }: ActiveLeases, awaited: readonly IpAddress[]): void {
    const text = JSON.stringify([leases, isComplete, awaited]);
    if (text === this.#reported) return;
    this.#reported = text;
    const read: Fact = { kind: 'leasesRead', active: leases, ...(awaited.length > 0 && { awaited }) };
    const lost: Fact = { kind: 'sourceLostSync', source: 'dhclient', cause: 'interrupted' };
    this.#parts.sink(isComplete ? [read] : [read, lost]);
  }

  #arm({ expiresAt, confirmAt }: ActiveLeases, { now, wall }: Moment): void {
    this.#timer?.[Symbol.dispose]();
    const poll = this.#isUnwatched ? unwatchedPollInterval : pollInterval;
    const { nextAt } = this.#awaited;
    const timeout = nextAt === undefined ? poll : nextAt - now;
    const expiry = expiresAt === undefined ? poll : expiresAt - wall;
    const confirmation = confirmAt === undefined ? poll : confirmAt - now;
    const delay = millis(Math.max(1, Math.min(poll, expiry, confirmation, timeout)));
    this.#timer = this.#parts.clock.schedule(delay, () => this.#scan());
  }
}

const isIn = (directory: LeaseDirectory, path: string): boolean =>
  parentOf(path) === directory.path && directory.matches(path.slice(path.lastIndexOf('/') + 1));

const unreadable = (code: string, reason: string, isContentUnknown: boolean): FileUpdate => ({
  kind: 'unreadable',
  problem: { code, reason, isContentUnknown },
});

function updateWithoutText(
  path: string,
  reading: Exclude<FileReadResult, { readonly kind: 'read' }>,
): FileUpdate {
  switch (reading.kind) {
    case 'link':
      return unreadable('symlink', `${path}: is a symbolic link`, false);
    case 'refused': {
      const { code, reason, remedy } = reading.refusal;
      return unreadable(code, `${reason}; fix: ${remedy}`, false);
    }
    case 'failed':
      return unreadable(reading.code, `${path}: ${reading.code}`, true);
    default:
      return reading;
  }
}
