/**
 * Facts: what a source has observed, in the past tense, as plain data. The only way into the state.
 */
import type { Family, IpAddress } from './address.ts';
import type { HookDirectory } from './event-table.ts';
import type { IfIndex } from './ids.ts';
import type { RouteInvalidationCause, SyncLoss } from './invalidation.ts';
import type { AddressObject, LinkObject, RouteObject, RuleObject } from './kernel-objects.ts';
import type { ActiveLease, NetworkdLink, NetworkManagerDevice } from './state.ts';
import type { Source } from './vocabulary.ts';

/** Everything that the kernel had when it was asked: replaces what was known. */
export interface KernelSnapshot {
  readonly links: readonly LinkObject[];
  /** Driver names by ifindex, for links that were not known before. */
  readonly drivers: ReadonlyMap<IfIndex, string>;
  readonly addresses: readonly AddressObject[];
  readonly routes: readonly RouteObject[];
  readonly rules: readonly RuleObject[];
}

/** What an RTM_NEWROUTE says has been done: a route of its own, or one beside or instead of another of the same key. */
export type RouteNotification = 'add' | 'replace' | 'append' | 'prepend';

export type KernelFact =
  /** `meanwhile`: notifications that came while the objects that they are about were being read, to be folded after them. */
  | {
      readonly kind: 'kernelRead';
      readonly snapshot: KernelSnapshot;
      readonly meanwhile?: readonly KernelFact[];
    }
  /** `driver` comes with the first message of a link. */
  | { readonly kind: 'linkObserved'; readonly link: LinkObject; readonly driver?: string }
  /** `movedTo`: the namespace id where it went, if it was moved and not deleted (`IFLA_NEW_NETNSID`). */
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
  /** All routes of a family, read again because the kernel flushes some without a word. */
  | {
      readonly kind: 'routesRead';
      readonly family: Family;
      readonly routes: readonly RouteObject[];
      readonly meanwhile?: readonly KernelFact[];
    }
  /** A message told of something that may have taken routes along without naming them. */
  | { readonly kind: 'routesInvalidated'; readonly family: Family; readonly cause: RouteInvalidationCause }
  | { readonly kind: 'ruleObserved'; readonly rule: RuleObject }
  | { readonly kind: 'ruleVanished'; readonly rule: RuleObject };

/** A link in networkd's words; what netevd concludes from them and the kernel's is not among them. */
export type NetworkdReport = Omit<NetworkdLink, 'acknowledged' | 'aheadOfKernel'>;

export type NetworkdFact =
  | { readonly kind: 'networkdAppeared' }
  | { readonly kind: 'networkdVanished' }
  /** First complete reading, or the reading after a return: links that are not in it are forgotten. */
  | {
      readonly kind: 'networkdRead';
      readonly host: Readonly<Record<string, string>>;
      readonly links: ReadonlyMap<IfIndex, NetworkdReport>;
    }
  /** Values that changed; what is absent stays. */
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
  /** All that is known of a device now: it replaces what was known before, so that what ends is gone from it. */
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
  readonly held: readonly ActiveLease[];
  /** See `LeaseState`. */
  readonly awaited?: readonly IpAddress[];
};

export type Fact =
  | KernelFact
  | NetworkdFact
  | NetworkManagerFact
  | LeaseFact
  /** Messages of this source were lost: what is known of it may be wrong until it is read again. */
  | { readonly kind: 'sourceLostSync'; readonly source: Source; readonly cause: SyncLoss }
  | { readonly kind: 'backendChosen'; readonly backend: Source | 'auto' }
  /** The hook directories that have an entry which runs, or which is worth a complaint. */
  | { readonly kind: 'hookDirectoriesRead'; readonly directories: ReadonlySet<HookDirectory> };
