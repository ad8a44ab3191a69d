/** `manager.d`: the state of the host as a whole. */
import type { Change } from '../change.ts';
import type { EventDraft } from '../event.ts';
import type { HostPicture, State } from '../state.ts';

export type HostChange = Change & { readonly kind: 'hostChanged' | 'hostPictureChanged' };

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
    const draft = { ...common, source: change.source, state: hostState(change.to), properties: change.to };
    return { ...draft, previousState: hostState(change.from) };
  }
  if (isSame(change.from, change.to) || networkdSpeaks(after)) return undefined;
  const { operational: state } = change.to;
  const properties = hostProperties(change.to);
  return { ...common, source: 'kernel', state, previousState: change.from.operational, properties };
}

/** `OperationalState` of networkd's Manager, `State` of NetworkManager's; `absent` where there is no manager. */
function hostState(properties: Partial<Readonly<Record<string, string>>>): string {
  return properties['OperationalState'] ?? properties['State'] ?? 'absent';
}

function hostProperties(host: HostPicture): Readonly<Record<string, string>> {
  return {
    OperationalState: host.operational,
    CarrierState: host.carrierState,
    AddressState: host.addressState,
  };
}

const isSame = (a: HostPicture, b: HostPicture): boolean =>
  a.operational === b.operational && a.carrierState === b.carrierState && a.addressState === b.addressState;

function networkdSpeaks(state: State): boolean {
  const wanted = state.backend === 'auto' || state.backend === 'systemd-networkd';
  return wanted && state.networkd.freshness === 'current';
}
