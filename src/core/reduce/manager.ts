/** What folding a manager's words has in common, whichever manager it is. */
import { isSameRecord, isSameValue } from '../model/equality.ts';
import type { Freshness } from '../model/state.ts';

interface Managed {
  readonly freshness: Freshness;
}

/** The manager is there; until it has been read, what was known of it before stays as it was. */
export function appeared<M extends Managed>(manager: M): M {
  return manager.freshness === 'absent' ? { ...manager, freshness: 'reading' } : manager;
}

/** What is known is the last that it said. One that never said anything is not there. */
export function lost<M extends Managed>(manager: M): M {
  if (manager.freshness === 'current') return { ...manager, freshness: 'stale' };
  return manager.freshness === 'reading' ? { ...manager, freshness: 'absent' } : manager;
}

/** `held` with the values of `told` in it; the same object where they say nothing new. */
export function overlay<T extends object>(held: T, told: Partial<T>): T {
  const next = { ...held, ...told };
  return isSameValue(held, next) ? held : next;
}

/** `read`, as the object that was held before where it says the same. */
export function kept<T extends object>(held: T | undefined, read: T): T {
  return held !== undefined && isSameValue(held, read) ? held : read;
}

/** What is told, laid over what is held; the same object where nothing is new. */
export function mergedRecord(
  held: Readonly<Record<string, string>>,
  told: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const next = { ...held, ...told };
  return isSameRecord(held, next) ? held : next;
}
