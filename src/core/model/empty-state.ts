import { hostStatusOf, noLinks } from '../reduce/host-status.ts';
import { emptyMap } from './persistent-map.ts';
import type { State } from './state.ts';
import type { Source } from './vocabulary.ts';

/** What is known before anybody was asked: nothing, and the kernel is to be read. */
export function emptyState(backend: Source | 'auto'): State {
  return {
    kernel: {
      freshness: 'absent',
      invalidations: { all: { cause: 'unread' } },
      links: emptyMap(),
      ports: emptyMap(),
      generations: emptyMap(),
      routes: emptyMap(),
      rules: emptyMap(),
    },
    networkd: { freshness: 'absent', host: {}, links: emptyMap() },
    networkManager: { freshness: 'absent', host: {}, devices: emptyMap() },
    leases: { freshness: 'absent', held: emptyMap() },
    backend,
    links: emptyMap(),
    host: hostStatusOf(noLinks),
    hostTally: noLinks,
  };
}
