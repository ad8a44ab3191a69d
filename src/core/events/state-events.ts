/** The directories of state transitions. No name comes from a peer. */
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
 * Returns the transitions to report. A state beyond `carrier` that is reached from below it has passed
 * through it: `carrier` comes first, because its hooks must run also if the link had addresses already.
 */
export function transitionsTo(from: OperationalState | undefined, to: OperationalState): StateTransition[] {
  const carrier = rank('carrier');
  const below = from === undefined || rank(from) < carrier;
  const reached = { from, to };
  return below && hasCarrier(to) && rank(to) > carrier ? [{ from, to: 'carrier' }, reached] : [reached];
}

/**
 * Returns the directory of a setup state. networkd reports all of them; without it only `configured` is
 * derived.
 */
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

/** Returns the directory of a device state. NetworkManager's intermediate states have none. */
export function deviceDirectory(to: DeviceState | undefined): HookDirectory | undefined {
  return to === undefined ? undefined : deviceDirectories[to];
}

const rank = (state: OperationalState): number => operationalStates.indexOf(state);
