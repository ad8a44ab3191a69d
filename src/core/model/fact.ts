/** Facts: what a source observed, in the past tense, as plain data. Nothing else changes the state. */
import type { Family, IpAddress } from './address.ts';
import type { HookDirectory } from './event-table.ts';
import type { IfIndex } from './ids.ts';
import type { RouteInvalidationCause, SyncLoss } from './invalidation.ts';
import type { AddressObject, LinkObject, NextHopObject, RouteObject, RuleObject } from './kernel-objects.ts';
import type { ActiveLease, NetworkdLink, NetworkManagerDevice } from './state.ts';
import type { Source } from './vocabulary.ts';

/** A complete dump of the kernel. Replaces everything that was known. */
export interface KernelSnapshot {
  readonly links: readonly LinkObject[];
  /** Driver names by ifindex, for new links. */
  readonly drivers: ReadonlyMap<IfIndex, string>;
  readonly addresses: readonly AddressObject[];
  readonly routes: readonly RouteObject[];
  readonly rules: readonly RuleObject[];
  /** Absent: none. */
  readonly nextHops?: readonly NextHopObject[];
}

/**
 * What an RTM_NEWROUTE reports: a route on its own, or one beside or instead of another with the same key.
 */
export type RouteNotification = 'add' | 'replace' | 'append' | 'prepend';

export type KernelFact =
  /** `meanwhile`: notifications that arrived during the dump; `reduce` folds them after it. */
  | {
      readonly kind: 'kernelRead';
      readonly snapshot: KernelSnapshot;
      readonly meanwhile?: readonly KernelFact[];
    }
  /** `driver` accompanies the first message of a link. */
  | { readonly kind: 'linkObserved'; readonly link: LinkObject; readonly driver?: string }
  /**
   * `movedTo`: id of the namespace that the link moved to (`IFLA_NEW_NETNSID`); absent if the link was
   * deleted.
   */
  | { readonly kind: 'linkVanished'; readonly index: IfIndex; readonly movedTo?: number }
  | { readonly kind: 'addressObserved'; readonly address: AddressObject }
  | { readonly kind: 'addressVanished'; readonly address: AddressObject }
  /** `how`: the `NLM_F_*` flags of the kernel's notification; `prepend` is CREATE without EXCL (IPv4). */
  | {
      readonly kind: 'routeObserved';
      readonly route: RouteObject;
      readonly how: RouteNotification;
    }
  | { readonly kind: 'routeVanished'; readonly route: RouteObject }
  /** A dump of all routes of a family: the kernel flushes some without a message. */
  | {
      readonly kind: 'routesRead';
      readonly family: Family;
      readonly routes: readonly RouteObject[];
      readonly meanwhile?: readonly KernelFact[];
    }
  /** A message reported something that may have removed routes without naming them. */
  | { readonly kind: 'routesInvalidated'; readonly family: Family; readonly cause: RouteInvalidationCause }
  | { readonly kind: 'nextHopObserved'; readonly nextHop: NextHopObject }
  | { readonly kind: 'nextHopVanished'; readonly id: number }
  | { readonly kind: 'ruleObserved'; readonly rule: RuleObject }
  | { readonly kind: 'ruleVanished'; readonly rule: RuleObject };

/** A link as networkd reports it, without what netevd concludes from comparing it with the kernel. */
export type NetworkdReport = Omit<NetworkdLink, 'acknowledged' | 'aheadOfKernel'>;

export type NetworkdFact =
  | { readonly kind: 'networkdAppeared' }
  | { readonly kind: 'networkdVanished' }
  /** A complete read, first or after networkd returned. The state drops links that it does not contain. */
  | {
      readonly kind: 'networkdRead';
      readonly host: Readonly<Record<string, string>>;
      readonly links: ReadonlyMap<IfIndex, NetworkdReport>;
    }
  /** Values that changed; absent ones stay. */
  | {
      readonly kind: 'networkdLinkObserved';
      readonly index: IfIndex;
      readonly link: Partial<NetworkdReport>;
    }
  | { readonly kind: 'networkdHostObserved'; readonly host: Readonly<Record<string, string>> };

export type NetworkManagerFact =
  | { readonly kind: 'networkManagerAppeared' }
  | { readonly kind: 'networkManagerVanished' }
  | {
      readonly kind: 'networkManagerRead';
      readonly host: Readonly<Record<string, string>>;
      readonly devices: ReadonlyMap<IfIndex, NetworkManagerDevice>;
    }
  /** All properties of a device. Replaces the previous ones. */
  | {
      readonly kind: 'networkManagerDeviceObserved';
      readonly index: IfIndex;
      readonly device: NetworkManagerDevice;
    }
  | { readonly kind: 'networkManagerDeviceVanished'; readonly index: IfIndex }
  | { readonly kind: 'networkManagerHostObserved'; readonly host: Readonly<Record<string, string>> };

export type LeaseFact = {
  readonly kind: 'leasesRead';
  /** Every lease that is valid now, the newest of each interface and family. */
  readonly active: readonly ActiveLease[];
  /** See `LeaseState`. */
  readonly awaited?: readonly IpAddress[];
};

export type Fact =
  | KernelFact
  | NetworkdFact
  | NetworkManagerFact
  | LeaseFact
  /** Messages of this source were lost: its state may be wrong until a resync. */
  | { readonly kind: 'sourceLostSync'; readonly source: Source; readonly cause: SyncLoss }
  | { readonly kind: 'backendChosen'; readonly backend: Source | 'auto' }
  /** The hook directories that have an entry which runs, or which must be reported. */
  | { readonly kind: 'hookDirectoriesRead'; readonly directories: ReadonlySet<HookDirectory> };
