/** Names for NetworkManager's numbers (nm-dbus-interface.h): NMDeviceState, NMState, NMConnectivityState. */
import { type DeviceState, deviceStates } from '../../core/model/vocabulary.ts';

const deviceStateNames: ReadonlyMap<number, DeviceState> = new Map(
  (Object.keys(deviceStates) as DeviceState[]).map((name) => [deviceStates[name], name]),
);

/** Undefined for an unknown number. */
export const deviceState = (value: number | undefined): DeviceState | undefined =>
  value === undefined ? undefined : deviceStateNames.get(value);

const hostStates: ReadonlyMap<number, string> = new Map([
  [0, 'unknown'],
  [10, 'asleep'],
  [20, 'disconnected'],
  [30, 'disconnecting'],
  [40, 'connecting'],
  [50, 'connected-local'],
  [60, 'connected-site'],
  [70, 'connected-global'],
]);

export const hostState = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : hostStates.get(value);

const connectivityStates = ['unknown', 'none', 'portal', 'limited', 'full'] as const;

export const connectivity = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : connectivityStates[value];
