/** Notices of name resolution: problems that are reported once while they last. */

import type { ResolverErrorKind } from './error-kind.ts';
import type { ResolverFailure, ResolverMemory } from './resolver-memory.ts';

export type ResolverNotice = { readonly key: string } & (
  | { readonly kind: 'refused'; readonly failure: ResolverFailure }
  /** The host name of the lease was set but has no effect. */
  | { readonly kind: 'overruled'; readonly name: string; readonly staticName: string }
);

/** Temporary errors are reported after this many attempts. */
const attemptsBeforeNotice: Readonly<Record<ResolverErrorKind, number>> = {
  denied: 1,
  'no-polkit': 1,
  invalid: 1,
  absent: 2,
  managed: 2,
  unmanaged: 2,
  'no-such-link': 6,
  unanswered: 4,
  failed: 3,
};

/** Returns all current notices. The planner leaves out those that it has reported. */
export function resolverNotices({
  failures,
  host,
}: Pick<ResolverMemory, 'failures' | 'host'>): readonly ResolverNotice[] {
  const notices = new Map<string, ResolverNotice>();
  for (const failure of failures.values()) {
    const { errorKind, attempts } = failure;
    if (attempts < attemptsBeforeNotice[errorKind]) continue;
    const key = `${errorKind} ${subjectOf(failure)}`;
    if (!notices.has(key)) notices.set(key, { key, kind: 'refused', failure });
  }
  if (host?.overruledBy !== undefined) {
    const { value: name, overruledBy: staticName } = host;
    const key = `overruled ${name} ${staticName}`;
    notices.set(key, { key, kind: 'overruled', name, staticName });
  }
  return [...notices.values()];
}

/** Returns what a failure is about. A missing permission or service is one problem for all links. */
function subjectOf({ errorKind, call, error }: ResolverFailure): string {
  const service = 'link' in call ? call.link.service : 'hostname1';
  if (['denied', 'no-polkit', 'absent', 'unanswered'].includes(errorKind)) return service;
  return 'link' in call ? `${service} ${call.link.name} ${error}` : `${service} ${error}`;
}
