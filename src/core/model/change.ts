/**
 * Changes: the differences between two states, named by noun phrases. A change is plain data with whole
 * objects in it, so that the journal can store it and fold it into an earlier state.
 */
import type { Family } from './address.ts';
import type { Generation, IfIndex } from './ids.ts';
import type { AddressObject, LinkObject, RouteObject, RuleObject } from './kernel-objects.ts';
import type { ActiveLease, HostStatus, LinkStatus } from './state.ts';
import type { AdministrativeState, DeviceState, OperationalState, Source } from './vocabulary.ts';

/** The link of a change. Index and generation are the identity; the name is for people. */
export interface LinkRef {
  readonly index: IfIndex;
  readonly generation: Generation;
  readonly name: string;
}

export type Change =
  | {
      readonly kind: 'linkAppeared';
      readonly link: LinkRef;
      readonly object: LinkObject;
      readonly status: LinkStatus;
    }
  | { readonly kind: 'linkVanished'; readonly link: LinkRef; readonly last: LinkStatus }
  | { readonly kind: 'linkRenamed'; readonly link: LinkRef; readonly from: string }
  | {
      readonly kind: 'operationalStateChanged';
      readonly link: LinkRef;
      readonly source: Source;
      readonly from: OperationalState | undefined;
      readonly to: OperationalState;
    }
  | {
      readonly kind: 'administrativeStateChanged';
      readonly link: LinkRef;
      readonly source: Source;
      readonly from: AdministrativeState | undefined;
      readonly to: AdministrativeState | undefined;
    }
  | {
      readonly kind: 'deviceStateChanged';
      readonly link: LinkRef;
      readonly from: DeviceState | undefined;
      readonly to: DeviceState | undefined;
    }
  | { readonly kind: 'ownerChanged'; readonly link: LinkRef; readonly from: Source; readonly to: Source }
  | { readonly kind: 'mtuChanged'; readonly link: LinkRef; readonly from: number; readonly to: number }
  /** An address appears once it may be used: IPv6 after `tentative`, never while `dadfailed`. */
  | { readonly kind: 'addressAppeared'; readonly link: LinkRef; readonly address: AddressObject }
  | { readonly kind: 'addressVanished'; readonly link: LinkRef; readonly address: AddressObject }
  | { readonly kind: 'routeAppeared'; readonly route: RouteObject }
  | { readonly kind: 'routeVanished'; readonly route: RouteObject }
  | { readonly kind: 'routeReplaced'; readonly from: RouteObject; readonly to: RouteObject }
  /** `count`: how many equal rules appeared or vanished; the kernel allows several. */
  | { readonly kind: 'ruleAppeared'; readonly rule: RuleObject; readonly count: number }
  | { readonly kind: 'ruleVanished'; readonly rule: RuleObject; readonly count: number }
  | {
      readonly kind: 'leaseChanged';
      readonly interfaceName: string;
      readonly family: Family;
      readonly from: ActiveLease | undefined;
      readonly to: ActiveLease | undefined;
    }
  | {
      readonly kind: 'hostChanged';
      readonly source: Source;
      readonly from: Readonly<Record<string, string>>;
      readonly to: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'hostStatusChanged'; readonly from: HostStatus; readonly to: HostStatus };
