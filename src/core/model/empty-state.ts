import { hostStatusOf, noLinks } from '../reduce/host-status.ts';
import { emptyMap } from './persistent-map.ts';
import type { State } from './state.ts';
import type { Source } from './vocabulary.ts';

/** Returns the state before any fact: empty, with an invalidation that asks for a dump of the kernel. */
export function emptyState(backend: Source | 'auto'): State {
  return {
    kernel: {
      freshness: 'absent',
      invalidations: { all: { cause: 'unread' } },
      links: emptyMap(),
      ports: emptyMap(),
      generations: emptyMap(),
      routes: emptyMap(),
      nextHops: emptyMap(),
      rules: emptyMap(),
    },
    networkd: { freshness: 'absent', host: {}, links: emptyMap() },
    networkManager: { freshness: 'absent', host: {}, devices: emptyMap() },
    leases: { freshness: 'absent', active: emptyMap() },
    backend,
    links: emptyMap(),
    host: hostStatusOf(noLinks),
    hostTally: noLinks,
  };
}
