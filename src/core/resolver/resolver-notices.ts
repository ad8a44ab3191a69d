/** What the operator should hear of: once when it begins, not again while it lasts. */

import type { Meaning } from './refusal.ts';
import type { Failure, ResolverMemory } from './resolver-memory.ts';

export type ResolverNotice = { readonly key: string } & (
  | { readonly kind: 'refused'; readonly failure: Failure }
  /** The name of the lease was set, and shows no effect. */
  | { readonly kind: 'overruled'; readonly name: string; readonly staticName: string }
);

/** What may pass by itself is told when it has come this often. */
const attemptsBeforeNotice: Readonly<Record<Meaning, number>> = {
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

/** Everything that holds now; whoever plans compares it with what was told. */
export function resolverNotices({
  failures,
  host,
}: Pick<ResolverMemory, 'failures' | 'host'>): readonly ResolverNotice[] {
  const notices = new Map<string, ResolverNotice>();
  for (const failure of failures.values()) {
    const { meaning, attempts } = failure;
    if (attempts < attemptsBeforeNotice[meaning]) continue;
    const key = `${meaning} ${subjectOf(failure)}`;
    if (!notices.has(key)) notices.set(key, { key, kind: 'refused', failure });
  }
  if (host?.overruledBy !== undefined) {
    const { value: name, overruledBy: staticName } = host;
    const key = `overruled ${name} ${staticName}`;
    notices.set(key, { key, kind: 'overruled', name, staticName });
  }
  return [...notices.values()];
}

/** A missing permission or service is one trouble, whatever the number of links. */
function subjectOf({ meaning, call, error }: Failure): string {
  const service = 'link' in call ? call.link.service : 'hostname1';
  if (['denied', 'no-polkit', 'absent', 'unanswered'].includes(meaning)) return service;
  return 'link' in call ? `${service} ${call.link.name} ${error}` : `${service} ${error}`;
}
