/** Helpers for folding reports of any manager. */
import { isSameRecord, isSameValue } from '../model/equality.ts';
import type { Freshness } from '../model/state.ts';

type ManagerProperties = Readonly<Record<string, string>>;

interface Managed {
  readonly freshness: Freshness;
}

/** Marks a manager as running. Its previous state stays until the first complete read. */
export function markAppeared<M extends Managed>(manager: M): M {
  return manager.freshness === 'absent' ? { ...manager, freshness: 'reading' } : manager;
}

/** Marks a manager as gone: `stale` with its last state, or `absent` if it never completed a read. */
export function markLost<M extends Managed>(manager: M): M {
  if (manager.freshness === 'current') return { ...manager, freshness: 'stale' };
  return manager.freshness === 'reading' ? { ...manager, freshness: 'absent' } : manager;
}

/** Whether a manager is marked as gone already and has no properties left. */
export const isGone = ({ freshness, host }: Managed & { readonly host: ManagerProperties }): boolean =>
  freshness === 'absent' || (freshness === 'stale' && Object.keys(host).length === 0);

/** Merges `report` into `previous`; returns the same object if nothing changes. */
export function mergeReport<T extends object>(previous: T, report: Partial<T>): T {
  const next = { ...previous, ...report };
  return isSameValue(previous, next) ? previous : next;
}

/** Returns `previous` if it equals `next`, else `next`. */
export function reuseIfEqual<T extends object>(previous: T | undefined, next: T): T {
  return previous !== undefined && isSameValue(previous, next) ? previous : next;
}

/** Merges properties; returns the same object if nothing changes. */
export function mergeProperties(previous: ManagerProperties, report: ManagerProperties): ManagerProperties {
  const next = { ...previous, ...report };
  return isSameRecord(previous, next) ? previous : next;
}
