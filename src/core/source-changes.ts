/**
 * Selects the changes of a source's freshness that become records: after the start, between lasting states. A
 * first read in progress is not recorded; every loss of messages is.
 */
import type { SourceChanged } from './activity.ts';
import type { Fact } from './model/fact.ts';
import type { Freshness, State } from './model/state.ts';
import { type Source, sources } from './model/vocabulary.ts';

/** A source change without its number. */
export type SourceChangeDraft = Omit<SourceChanged, 'seq' | 'at'>;

type FreshnessBySource = Readonly<Record<Source, Freshness>>;

const freshnessOf = ({ kernel, networkd, networkManager, leases }: State): FreshnessBySource => ({
  kernel: kernel.freshness,
  'systemd-networkd': networkd.freshness,
  NetworkManager: networkManager.freshness,
  dhclient: leases.freshness,
});

export class SourceChanges {
  /** The lasting freshness that was reported last; undefined before the start is complete. */
  #reported: FreshnessBySource | undefined;

  /** Ends the start: the present freshness of the sources is the baseline. */
  begin(state: State): void {
    this.#reported = freshnessOf(state);
  }

  /** Returns the changes that a fact caused. Costs four comparisons if there are none. */
  follow(before: State, after: State, fact: Fact): readonly SourceChangeDraft[] {
    const lost = fact.kind === 'sourceLostSync' ? fact : undefined;
    if (lost === undefined && isSameFreshness(before, after)) return [];
    const reported = this.#reported ?? freshnessOf(before);
    const current = freshnessOf(after);
    const drafts: SourceChangeDraft[] = [];
    const next = { ...reported };
    for (const source of sources) {
      const [from, to] = [reported[source], current[source]];
      // A source that does not exist has nothing to lose: without a bus, each manager is disconnected at the start.
      const isLoss = lost?.source === source && (from !== 'absent' || to !== 'absent');
      if (!isLoss && (this.#reported === undefined || from === to || to === 'reading')) continue;
      next[source] = to;
      drafts.push({ kind: 'sourceChanged', source, from, to, ...(isLoss && { cause: lost.cause }) });
    }
    if (this.#reported !== undefined) this.#reported = next;
    return drafts;
  }
}

const isSameFreshness = (a: State, b: State): boolean =>
  a.kernel.freshness === b.kernel.freshness &&
  a.networkd.freshness === b.networkd.freshness &&
  a.networkManager.freshness === b.networkManager.freshness &&
  a.leases.freshness === b.leases.freshness;
