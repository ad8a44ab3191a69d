/** Which directories a transition of a link's state runs: the table of events, and no name that a peer sent. */
import type { HookDirectory } from '../model/event-table.ts';
import {
  type AdministrativeState,
  type DeviceState,
  hasCarrier,
  type OperationalState,
  operationalStates,
  type Source,
} from '../model/vocabulary.ts';

export interface StateTransition {
  readonly from: OperationalState | undefined;
  readonly to: OperationalState;
}

/**
 * The operational states to tell of. One that lies beyond `carrier` and was reached from below it has passed through
 * it: `carrier` is told first, for a cable that was put in is news also where addresses were there already.
 */
export function transitionsTo(from: OperationalState | undefined, to: OperationalState): StateTransition[] {
  const carrier = rank('carrier');
  const below = from === undefined || rank(from) < carrier;
  const reached = { from, to };
  return below && hasCarrier(to) && rank(to) > carrier ? [{ from, to: 'carrier' }, reached] : [reached];
}

/** networkd tells every setup state; without it `configured` alone is derived. */
export function administrativeDirectory(change: {
  readonly source: Source;
  readonly to: AdministrativeState | undefined;
}): HookDirectory | undefined {
  if (change.source === 'systemd-networkd' || change.to === 'configured') return change.to;
  return undefined;
}

const deviceDirectories: Partial<Readonly<Record<DeviceState, HookDirectory>>> = {
  unavailable: 'unavailable',
  disconnected: 'disconnected',
  activated: 'activated',
  deactivating: 'deactivating',
  failed: 'failed',
};

/** NetworkManager's states on the way from one of these to another have no directory. */
export function deviceDirectory(to: DeviceState | undefined): HookDirectory | undefined {
  return to === undefined ? undefined : deviceDirectories[to];
}

const rank = (state: OperationalState): number => operationalStates.indexOf(state);
