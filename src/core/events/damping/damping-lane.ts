/**
 * Flap damping (RFC 2439, RFC 7196): which links lose their carrier so often that their hooks wait. The
 * penalty is counted also while damping is off, so that an operator sees what it would do.
 *
 * While a link is damped, its events are records without hooks. When it is released, the difference between
 * the state before the damping and the present one is found once more, with hooks: nothing is lost, whatever
 * happened in between.
 */
import type { Change, LinkRef } from '../../model/change.ts';
import { earliest, type IfIndex, type Instant, instant, after as later } from '../../model/ids.ts';
import type { State } from '../../model/state.ts';
import { hasCarrier } from '../../model/vocabulary.ts';
import { afterLoss, type DampingPolicy, decayed, type Penalty, reusableAt } from './penalty.ts';

/** What is known of a link, for people. */
export interface DampingStatus {
  /** Decayed to the moment of the reading, a whole number. */
  readonly penalty: number;
  /** Losses of carrier that were counted since netevd started. */
  readonly losses: number;
  readonly isDamped: boolean;
  /** How long it remains damped if it loses its carrier no more, in milliseconds; undefined if it is not. */
  readonly remaining: number | undefined;
}

/** A link whose hooks may run again, and the state that its hooks saw last. */
export interface Release {
  readonly link: LinkRef;
  readonly before: State;
}

interface Entry {
  penalty: Penalty;
  losses: number;
  suppressed: { readonly link: LinkRef; readonly since: Instant; readonly before: State } | undefined;
}

const noLinks: readonly LinkRef[] = Object.freeze([]);

export class DampingLane {
  readonly #entries = new Map<string, Entry>();

  /** Whether the hooks of the link wait. */
  isDamped(link: LinkIdentity): boolean {
    return this.#entries.get(keyOf(link))?.suppressed !== undefined;
  }

  /** The links whose hooks wait. */
  dampedLinks(): readonly LinkRef[] {
    if (this.#entries.size === 0) return noLinks;
    return [...this.#entries.values()].flatMap(({ suppressed }) => suppressed?.link ?? []);
  }

  /** When the hooks of a damped link may run again; undefined if it is not damped. */
  releaseAt(link: LinkIdentity, policy: DampingPolicy): Instant | undefined {
    const entry = this.#entries.get(keyOf(link));
    return entry?.suppressed === undefined ? undefined : releaseAt(entry, entry.suppressed.since, policy);
  }

  /**
   * Counts the losses of carrier among `changes`, which led from `before`. Returns the links that are damped
   * from now on.
   */
  follow(before: State, changes: readonly Change[], policy: DampingPolicy, now: Instant): readonly LinkRef[] {
    const damped: LinkRef[] = [];
    for (const change of changes) {
      if (change.kind !== 'operationalStateChanged' || !isLoss(change)) continue;
      if (this.#count(change.link, before, policy, now)) damped.push(change.link);
    }
    return damped;
  }

  /** Takes out the links that may run hooks again, and those that vanished. */
  takeReleased(state: State, policy: DampingPolicy, now: Instant): readonly Release[] {
    const released: Release[] = [];
    for (const [key, entry] of this.#entries) {
      const { suppressed } = entry;
      if (suppressed === undefined) continue;
      const isGone = !isPresent(suppressed.link, state);
      if (!isGone && policy.enabled && releaseAt(entry, suppressed.since, policy) > now) continue;
      released.push({ link: suppressed.link, before: suppressed.before });
      entry.suppressed = undefined;
      if (isGone) this.#entries.delete(key);
    }
    return released;
  }

  /** Forgets links that are gone. */
  forget(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind !== 'linkVanished') continue;
      const key = keyOf(change.link);
      if (this.#entries.get(key)?.suppressed === undefined) this.#entries.delete(key);
    }
  }

  /** When `takeReleased` returns something if nothing else happens. */
  nextWakeAt(policy: DampingPolicy): Instant | undefined {
    const dueAt: Instant[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.suppressed !== undefined) dueAt.push(releaseAt(entry, entry.suppressed.since, policy));
    }
    return earliest(dueAt);
  }

  /** What is known of the link; undefined if it has lost no carrier. */
  read(link: LinkIdentity, policy: DampingPolicy, now: Instant): DampingStatus | undefined {
    const entry = this.#entries.get(keyOf(link));
    if (entry === undefined) return undefined;
    const { penalty, losses, suppressed } = entry;
    return {
      penalty: Math.round(decayed(penalty, now, policy.halfLife)),
      losses,
      isDamped: suppressed !== undefined,
      remaining:
        suppressed === undefined ? undefined : Math.max(0, releaseAt(entry, suppressed.since, policy) - now),
    };
  }

  /** Returns whether the link is damped from now on. */
  #count(link: LinkRef, before: State, policy: DampingPolicy, now: Instant): boolean {
    const key = keyOf(link);
    const known = this.#entries.get(key);
    const penalty = afterLoss(known?.penalty, now, policy);
    const entry: Entry = { penalty, losses: (known?.losses ?? 0) + 1, suppressed: known?.suppressed };
    this.#entries.set(key, entry);
    if (!policy.enabled || entry.suppressed !== undefined || penalty.value <= policy.suppress) return false;
    entry.suppressed = { link, since: now, before };
    return true;
  }
}

type LinkIdentity = Pick<LinkRef, 'index' | 'generation'>;

const keyOf = ({ index, generation }: LinkIdentity): string => `${index}.${generation}`;

/** A carrier that an operator takes away (`ip link set eth0 down`) is no flap. */
const isLoss = ({ from, to }: Change & { readonly kind: 'operationalStateChanged' }): boolean =>
  from !== undefined && hasCarrier(from) && !hasCarrier(to) && to !== 'off' && to !== 'missing';

function releaseAt({ penalty }: Entry, since: Instant, policy: DampingPolicy): Instant {
  return instant(Math.min(reusableAt(penalty, policy), later(since, policy.maxSuppress)));
}

const isPresent = (
  { index, generation }: { readonly index: IfIndex; readonly generation: number },
  state: State,
): boolean => state.links.get(index)?.generation === generation;
