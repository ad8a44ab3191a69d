/** `manager.d`: the state of the host as a whole. */
import type { Change } from '../model/change.ts';
import type { EventDraft } from '../model/event.ts';
import type { HostStatus, State } from '../model/state.ts';

export type HostChange = Change & { readonly kind: 'hostChanged' | 'hostStatusChanged' };

/**
 * The event of a change of the host. What the kernel's links add up to is told only while networkd is not there: it
 * derives the same from the same links, and one change is one event. How many links there are is not a state.
 */
export function hostEvent(
  change: HostChange,
  after: State,
  marks: Pick<EventDraft, 'initial' | 'resync'>,
): EventDraft | undefined {
  const { initial, resync } = marks;
  const common = { directory: 'manager', name: 'manager', initial, resync } as const;
  if (change.kind === 'hostChanged') {
    const draft = {
      ...common,
      source: change.source,
      state: hostState(change.to),
      properties: speakable(change.to),
    };
    return { ...draft, previousState: hostState(change.from) };
  }
  if (isSame(change.from, change.to) || networkdSpeaks(after)) return undefined;
  const { operational: state } = change.to;
  const properties = hostProperties(change.to);
  return { ...common, source: 'kernel', state, previousState: change.from.operational, properties };
}

/** The properties whose names and values are words; others have no business here. */
function speakable(properties: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(properties).filter((pair) => pair.every(isWord)));
}

/** What a manager calls a state: a word, which can be shown to anybody. */
const isWord = (text: string): boolean => /^[a-z][a-z0-9-]{0,63}$/i.test(text);

/** `OperationalState` of networkd's Manager, `State` of NetworkManager's; `absent` where there is no manager. */
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

function networkdSpeaks(state: State): boolean {
  const wanted = state.backend === 'auto' || state.backend === 'systemd-networkd';
  return wanted && state.networkd.freshness === 'current';
}
