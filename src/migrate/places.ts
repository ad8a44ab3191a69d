/** The places of each program's files. */
import type { SourceName } from './plan.ts';

/** Where to search, below one directory. */
export interface SourcePlace {
  /** The directory that contains everything. */
  readonly base: string;
  /** Names of configuration files in it; the first existing one counts. */
  readonly configurations: readonly string[];
  /** Directories of scripts below it; `'*.d'`: every directory with such a name; `''`: the directory itself. */
  readonly directories: readonly string[];
}

/** The usual places of each program. */
export const sourcePlaces: Readonly<Record<SourceName, SourcePlace>> = {
  'network-broker': {
    base: '/etc/network-broker',
    configurations: ['toml', 'yaml', 'yml', 'json'].map((ending) => `network-broker.${ending}`),
    directories: ['*.d'],
  },
  'netevd-rust': { base: '/etc/netevd', configurations: ['netevd.yaml'], directories: ['*.d'] },
  'networkd-dispatcher': { base: '/etc/networkd-dispatcher', configurations: [], directories: ['*.d'] },
  NetworkManager: {
    base: '/etc/NetworkManager/dispatcher.d',
    configurations: [],
    directories: ['', 'pre-up.d', 'pre-down.d', 'no-wait.d'],
  },
  ifupdown: {
    base: '/etc/network',
    configurations: [],
    directories: ['if-pre-up.d', 'if-up.d', 'if-down.d', 'if-post-down.d'],
  },
};
