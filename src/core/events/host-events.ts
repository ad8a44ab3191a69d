/** Events of the host as a whole: `manager.d`. */
import type { Change } from '../model/change.ts';
import type { EventDraft } from '../model/event.ts';
import type { HostStatus, State } from '../model/state.ts';
import { changedKeys, type Transition, type TransitionValues } from '../model/transition.ts';

export type HostChange = Change & { readonly kind: 'hostChanged' | 'hostStatusChanged' };

/**
 * Returns the event of a change of the host. The kernel's host status causes an event only while networkd is
 * not running, because networkd derives the same from the same links, and one change is one event. A changed
 * number of links causes none.
 */
export function hostEvent(
  change: HostChange,
  after: State,
  origin: Pick<EventDraft, 'initial' | 'resync'>,
): EventDraft | undefined {
  const { initial, resync } = origin;
  const common = { directory: 'manager', name: 'manager', initial, resync } as const;
  if (change.kind === 'hostChanged') {
    const [from, properties] = [wordsOnly(change.from), wordsOnly(change.to)];
    const states = { state: hostState(change.to), previousState: hostState(change.from) };
    return { ...common, source: change.source, ...states, properties, transition: between(from, properties) };
  }
  if (isSame(change.from, change.to) || hasNetworkd(after)) return undefined;
  const { operational: state } = change.to;
  const [from, properties] = [hostProperties(change.from), hostProperties(change.to)];
  const states = { state, previousState: change.from.operational };
  return { ...common, source: 'kernel', ...states, properties, transition: between(from, properties) };
}

/** Names the properties that differ: two of them may leave the state as it is. */
const between = (before: TransitionValues, after: TransitionValues): Transition => ({
  changed: changedKeys(before, after),
  before,
  after,
});

/** Returns the properties whose names and values are single words, which are safe to show. */
function wordsOnly(properties: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(properties).filter((pair) => pair.every(isWord)));
}

/** Whether a text looks like the name of a state. */
const isWord = (text: string): boolean => /^[a-z][a-z0-9-]{0,63}$/i.test(text);

/** Returns networkd's `OperationalState` or NetworkManager's `State`; `absent` without a running manager. */
function hostState(properties: Partial<Readonly<Record<string, string>>>): string {
  const state = properties['OperationalState'] ?? properties['State'] ?? 'absent';
  return isWord(state) ? state : 'unknown';
}

function hostProperties(host: HostStatus): Readonly<Record<string, string>> {
  return {
    OperationalState: host.operational,
    CarrierState: host.carrierState,
    AddressState: host.addressState,
  };
}

const isSame = (a: HostStatus, b: HostStatus): boolean =>
  a.operational === b.operational && a.carrierState === b.carrierState && a.addressState === b.addressState;

function hasNetworkd(state: State): boolean {
  const wanted = state.backend === 'auto' || state.backend === 'systemd-networkd';
  return wanted && state.networkd.freshness === 'current';
}
