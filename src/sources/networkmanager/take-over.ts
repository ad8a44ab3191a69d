/**
 * Whether NetworkManager is taking a device over that it found configured. After its own restart it starts such a device in
 * `unmanaged` and takes it through all states once more; the device itself has not left the state that it was in.
 */
import { deviceStates } from '../../core/model/vocabulary.ts';
import type { StateAndReason } from './device-report.ts';

/** NM_DEVICE_STATE_REASON_CONNECTION_ASSUMED. */
const assumed = 41;

const isNamed = ({ state, reason }: StateAndReason): boolean =>
  reason === assumed && (state === 'unavailable' || state === 'disconnected');

/** Between `disconnected` and `activated`. */
const isOnItsWay = ({ state }: StateAndReason): boolean =>
  deviceStates[state] > deviceStates.disconnected && deviceStates[state] < deviceStates.activated;

const isUntouched = ({ state }: StateAndReason): boolean => deviceStates[state] <= deviceStates.unmanaged;

/** `isStarting`: NetworkManager's `Startup`, true until it has finished with all that it found. */
export const beginsTakeOver = (current: StateAndReason, isStarting: boolean): boolean =>
  isNamed(current) || (isStarting && (isUntouched(current) || isOnItsWay(current)));

/** Whether a take-over under way goes on in this state. */
export const continuesTakeOver = (current: StateAndReason, isStarting: boolean): boolean =>
  isNamed(current) || isOnItsWay(current) || (isStarting && isUntouched(current));
