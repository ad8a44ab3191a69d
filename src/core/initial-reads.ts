/** Which complete readings belong to the start of the daemon, and which repeat a lost one. */
import type { Fact } from './model/fact.ts';
import { type Instant, type Millis, millis } from './model/ids.ts';
import type { State } from './model/state.ts';

/** Complete readings of managers; the first of each belongs to the start. */
const managerReadings: ReadonlySet<Fact['kind']> = new Set([
  'networkdRead',
  'networkManagerRead',
  'leasesRead',
]);
/** How long after the kernel's first reading a manager's first reading still belongs to the start: the bus may come late. */
const startUpWindow: Millis = millis(10_000);

export class InitialReads {
  readonly #kinds = new Set<Fact['kind']>();
  #startedAt: Instant | undefined;

  /** Kinds of complete readings that came at least once. */
  get kinds(): ReadonlySet<Fact['kind']> {
    return this.#kinds;
  }

  /** Whether the kernel has been read. */
  get isStarted(): boolean {
    return this.#startedAt !== undefined;
  }

  /** Notes a fact that came before the kernel's first reading, or is that. Returns whether it is. */
  start({ kind }: Fact, now: Instant): boolean {
    this.#kinds.add(kind);
    if (kind !== 'kernelRead') return false;
    this.#startedAt = now;
    return true;
  }

  /** Whether the fact is a manager's first reading soon after the start: its states are no news. */
  isInitial({ kind }: Fact, now: Instant): boolean {
    if (!managerReadings.has(kind) || this.#kinds.has(kind) || this.#startedAt === undefined) return false;
    this.#kinds.add(kind);
    return now - this.#startedAt <= startUpWindow;
  }
}

/** Whether the fact is a reading after messages were lost. */
export function isReadAgain({ networkd, networkManager }: State, { kind }: Fact): boolean {
  switch (kind) {
    case 'kernelRead':
      return true;
    case 'networkdRead':
      return networkd.freshness === 'stale';
    case 'networkManagerRead':
      return networkManager.freshness === 'stale';
    default:
      return false;
  }
}
