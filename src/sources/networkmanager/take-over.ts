/**
 * Decides whether NetworkManager is taking over a device that it found configured. After its own restart it
 * starts such a device in `unmanaged` and takes it through all states again; the device itself has not left
 * its state.
 */
import { deviceStates } from '../../core/model/vocabulary.ts';
import type { StateAndReason } from './device-report.ts';

/** NM_DEVICE_STATE_REASON_CONNECTION_ASSUMED. */
const assumed = 41;

const hasAssumedReason = ({ state, reason }: StateAndReason): boolean =>
  reason === assumed && (state === 'unavailable' || state === 'disconnected');

/** Between `disconnected` and `activated`. */
const isActivating = ({ state }: StateAndReason): boolean =>
  deviceStates[state] > deviceStates.disconnected && deviceStates[state] < deviceStates.activated;

const isUntouched = ({ state }: StateAndReason): boolean => deviceStates[state] <= deviceStates.unmanaged;

/** `isStarting`: NetworkManager's `Startup`, true until it has processed everything that it found. */
export const beginsTakeOver = (current: StateAndReason, isStarting: boolean): boolean =>
  hasAssumedReason(current) || (isStarting && (isUntouched(current) || isActivating(current)));

/** Whether a take-over goes on in this state. */
export const continuesTakeOver = (current: StateAndReason, isStarting: boolean): boolean =>
  hasAssumedReason(current) || isActivating(current) || (isStarting && isUntouched(current));
