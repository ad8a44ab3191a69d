/**
 * Plans the events of a set of changes. One event is one real transition of one link, or of the host.
 *
 * Order within a link: link-added; renamed; states (operational, administrative, device); address-removed, then
 * address-added, so that the last event describes the current state; mtu; routes; link-removed. Vanished
 * links come before present ones, because a name may have moved from one to the other. The host comes last.
 */
import type { IpAddress } from '../model/address.ts';
import { isReady } from '../model/address-tally.ts';
import type { Change, LinkRef } from '../model/change.ts';
import type { EventDraft } from '../model/event.ts';
import type { HookDirectory } from '../model/event-table.ts';
import type { IfIndex } from '../model/ids.ts';
import type { AddressObject } from '../model/kernel-objects.ts';
import { addressKey } from '../model/keys.ts';
import type { LinkStatus, State } from '../model/state.ts';
import { type TopicValue, transitionOf } from '../model/transition.ts';
import type { Source } from '../model/vocabulary.ts';
import { type HostChange, hostEvent } from './host-events.ts';
import { hasLeaseOnLink, isNewLease, type LeaseChange } from './lease-events.ts';
import {
  type DeltasByLink,
  type RouteEventFilter,
  routeDeltasByLink,
  routeEventName,
} from './route-events.ts';
import {
  administrativeDirectory,
  deviceDirectory,
  type StateTransition,
  transitionsTo,
} from './state-events.ts';

export interface EventOptions extends RouteEventFilter {
  /** Whether a link with this name is monitored. */
  isMonitored(name: string): boolean;
  /** The changes describe the state at the start: only states cause events. */
  readonly initial: boolean;
  /** The changes were found by a resync after a sync loss. */
  readonly resync: boolean;
}

/** Returns the events of `changes`, which led to `after`, in the order in which their hooks run. */
export function planEvents(changes: readonly Change[], after: State, options: EventOptions): EventDraft[] {
  const plan = new EventPlan(after, options);
  for (const change of changes) plan.add(change);
  if (!options.initial) {
    for (const change of changes) if (change.kind === 'leaseChanged') plan.addLease(change);
    plan.addRoutes(routeDeltasByLink(changes, options));
  }
  return plan.drafts();
}

/** The events of one link, by kind. */
interface LinkEvents {
  readonly link: LinkRef;
  readonly monitored: boolean;
  /** Operational state in the events; `missing` once the link is gone. */
  state: string;
  added?: EventDraft;
  renamed?: EventDraft;
  readonly states: EventDraft[];
  readonly vanishedAddresses: AddressObject[];
  readonly newAddresses: AddressObject[];
  mtu?: EventDraft;
  routes?: EventDraft;
  removed?: EventDraft;
}

type NonStateChange = Exclude<
  Change,
  { kind: 'operationalStateChanged' | 'administrativeStateChanged' | 'deviceStateChanged' }
>;

class EventPlan {
  readonly #after: State;
  readonly #options: EventOptions;
  readonly #links = new Map<string, LinkEvents>();
  readonly #host: EventDraft[] = [];

  constructor(after: State, options: EventOptions) {
    this.#after = after;
    this.#options = options;
  }

  add(change: Change): void {
    if (change.kind === 'operationalStateChanged') {
      this.#addOperational(change.link, this.#operationalSource(change), change.from, change.to);
    } else if (change.kind === 'administrativeStateChanged') {
      this.#addState(change.link, change.source, administrativeDirectory(change), change);
    } else if (change.kind === 'deviceStateChanged') {
      this.#addState(change.link, 'NetworkManager', deviceDirectory(change.to), change);
    } else if (!this.#options.initial) {
      this.#addNonState(change);
    }
  }

  /**
   * Adds `routable.d` for a new lease of a link that is routable already. If it is not, the transition to
   * routable reports the lease (`operationalSource`), also if both come in one step: one event, not two. So
   * call this after all states are added.
   */
  addLease(change: LeaseChange): void {
    if (!isNewLease(change) || !this.#usesSource('dhclient')) return;
    const status = this.#statusOf(change.interfaceName);
    if (status?.operational !== 'routable') return;
    const events = this.#eventsOf(status);
    if (events.states.some((draft) => draft.directory === 'routable')) return;
    const draft = this.#draft(events, 'routable', 'dhclient', 'routable');
    events.states.push({ ...draft, previousState: 'routable' });
  }

  addRoutes(deltas: DeltasByLink): void {
    for (const [index, routesDelta] of deltas) {
      const events = this.#eventsByIndex(index);
      if (events?.monitored !== true) continue;
      const name = routeEventName(routesDelta);
      events.routes = { ...this.#draft(events, 'routes', 'kernel', events.state), name, routesDelta };
    }
  }

  drafts(): EventDraft[] {
    const drafts: EventDraft[] = [];
    const present: LinkEvents[] = [];
    for (const events of this.#links.values()) {
      if (!events.monitored) continue;
      if (events.removed === undefined) present.push(events);
      else this.#collect(events, drafts);
    }
    for (const events of present) this.#collect(events, drafts);
    drafts.push(...this.#host);
    return drafts;
  }

  /** Adds changes other than states. They cause no start events. */
  #addNonState(change: NonStateChange): void {
    switch (change.kind) {
      case 'linkAppeared':
        this.#addAppearance(this.#eventsOf(change.link));
        break;
      case 'linkVanished':
        this.#addRemoval(change.link, change.last.operational);
        break;
      case 'linkRenamed':
        this.#addRename(change.link, change.from);
        break;
      case 'addressAppeared':
        this.#eventsOf(change.link).newAddresses.push(change.address);
        break;
      case 'addressVanished':
        this.#eventsOf(change.link).vanishedAddresses.push(change.address);
        break;
      case 'mtuChanged':
        this.#addMtu(this.#eventsOf(change.link));
        break;
      case 'hostChanged':
      case 'hostStatusChanged':
        this.#addHost(change);
        break;
      case 'routeAppeared':
      case 'routeVanished':
      case 'routeReplaced':
      case 'leaseChanged':
        // `planEvents` adds them once all states are known.
        break;
      case 'ownerChanged':
      case 'ruleAppeared':
      case 'ruleVanished':
        break;
      default:
        change satisfies never;
    }
  }

  #addMtu(events: LinkEvents): void {
    events.mtu = this.#draft(events, 'mtu', 'kernel', events.state);
  }

  #addHost(change: HostChange): void {
    const draft = hostEvent(change, this.#after, this.#options);
    if (draft !== undefined) this.#host.push(draft);
  }

  #addOperational(
    link: LinkRef,
    source: Source,
    from: StateTransition['from'],
    to: StateTransition['to'],
  ): void {
    const events = this.#eventsOf(link);
    for (const transition of transitionsTo(from, to)) {
      const draft = this.#draft(events, transition.to, source, transition.to);
      events.states.push(
        transition.from === undefined ? draft : { ...draft, previousState: transition.from },
      );
    }
  }

  #addState(
    link: LinkRef,
    source: Source,
    directory: HookDirectory | undefined,
    change: { readonly from: string | undefined; readonly to: string | undefined },
  ): void {
    if (directory === undefined || change.to === undefined) return;
    const events = this.#eventsOf(link);
    const draft = this.#draft(events, directory, source, change.to);
    events.states.push(change.from === undefined ? draft : { ...draft, previousState: change.from });
  }

  #addAppearance(events: LinkEvents): void {
    events.added = this.#draft(events, 'link-added', 'kernel', events.state);
  }

  #addRemoval(link: LinkRef, last: string): void {
    const events = this.#eventsOf(link);
    events.state = 'missing';
    events.removed = { ...this.#draft(events, 'link-removed', 'kernel', 'missing'), previousState: last };
  }

  /** A rename into the monitored names is a link-added; a rename out of them is a link-removed. */
  #addRename(link: LinkRef, from: string): void {
    const was = this.#options.isMonitored(from);
    const events = this.#eventsOf(link);
    if (was && events.monitored) {
      const sides = [from, link.name].map(
        (name): TopicValue => ({ source: 'kernel', values: { link: name } }),
      );
      const transition = transitionOf(sides[0], sides[1]);
      events.renamed = { ...this.#draft(events, 'renamed', 'kernel', events.state), transition };
      return;
    }
    if (events.monitored && !was) {
      this.#addAppearance(events);
      this.#addPresentStates(events);
    } else if (was && !events.monitored) {
      const leaving = { link: { ...link, name: from }, monitored: true, state: 'missing' };
      const left: LinkEvents = { ...leaving, states: [], vanishedAddresses: [], newAddresses: [] };
      left.removed = {
        ...this.#draft(left, 'link-removed', 'kernel', 'missing'),
        previousState: events.state,
      };
      this.#links.set(`${keyOf(link)} left`, left);
    }
  }

  /** Adds the present states of a link that becomes monitored, except those that changed in the same step. */
  #addPresentStates(events: LinkEvents): void {
    const status = this.#after.links.get(events.link.index);
    if (status === undefined) return;
    const changedNow = events.states.splice(0);
    this.#addOperational(events.link, status.operationalSource, undefined, status.operational);
    const { administrative: to, administrativeSource: source } = status;
    if (to !== undefined && source !== undefined) {
      const directory = administrativeDirectory({ source, to });
      this.#addState(events.link, source, directory, { from: undefined, to });
    }
    const device = { from: undefined, to: status.device };
    this.#addState(events.link, 'NetworkManager', deviceDirectory(status.device), device);
    const present = new Set(events.states.map((draft) => draft.directory));
    events.states.unshift(...changedNow.filter((draft) => !present.has(draft.directory)));
  }

  /** Returns dhclient if the address of a lease made the link routable, unless networkd reported it. */
  #operationalSource(change: Change & { readonly kind: 'operationalStateChanged' }): Source {
    const byLease =
      change.source === 'kernel' &&
      change.to === 'routable' &&
      this.#usesSource('dhclient') &&
      hasLeaseOnLink(change.link, this.#after);
    return byLease ? 'dhclient' : change.source;
  }

  #usesSource(source: Source): boolean {
    return this.#after.backend === 'auto' || this.#after.backend === source;
  }

  #statusOf(name: string): LinkStatus | undefined {
    for (const status of this.#after.links.values()) if (status.name === name) return status;
    return undefined;
  }

  #eventsOf(link: LinkRef): LinkEvents {
    const key = keyOf(link);
    const known = this.#links.get(key);
    if (known !== undefined) return known;
    const status = this.#after.links.get(link.index);
    const state = status?.generation === link.generation ? status.operational : 'missing';
    const ref = { index: link.index, generation: link.generation, name: link.name };
    const monitored = this.#options.isMonitored(link.name);
    const events = { link: ref, monitored, state, states: [], vanishedAddresses: [], newAddresses: [] };
    this.#links.set(key, events);
    return events;
  }

  /** Returns the events of the link with this index, present or just vanished. */
  #eventsByIndex(index: IfIndex): LinkEvents | undefined {
    const status = this.#after.links.get(index);
    if (status !== undefined) return this.#eventsOf(status);
    return [...this.#links.values()].find((events) => events.link.index === index);
  }

  #draft(events: LinkEvents, directory: HookDirectory, source: Source, state: string): EventDraft {
    const { initial, resync } = this.#options;
    return { directory, name: directory, link: events.link, source, state, initial, resync };
  }

  #collect(events: LinkEvents, drafts: EventDraft[]): void {
    const add = (draft: EventDraft | undefined): void => {
      if (draft !== undefined) drafts.push(draft);
    };
    add(events.added);
    add(events.renamed);
    drafts.push(...events.states);
    add(this.#addressEvent(events, 'address-removed', events.vanishedAddresses));
    add(this.#addressEvent(events, 'address-added', events.newAddresses));
    add(events.mtu);
    add(events.routes);
    add(events.removed);
  }

  /**
   * Returns the addresses that the link has, or had, under another prefix length as well: hooks see an
   * address without its length, and so it neither came nor went.
   */
  #otherHolders(
    { link, newAddresses, vanishedAddresses }: LinkEvents,
    directory: HookDirectory,
  ): Set<IpAddress> {
    const kernel = this.#after.kernel.links.get(link.index);
    const present =
      kernel?.generation === link.generation ? [...kernel.addresses.values()].filter(isReady) : [];
    const addresses = (some: readonly AddressObject[]): IpAddress[] => some.map(({ address }) => address);
    if (directory === 'address-removed') return new Set(addresses(present));
    const known = present.filter(
      (one) => !newAddresses.some((added) => addressKey(added) === addressKey(one)),
    );
    return new Set([...addresses(known), ...addresses(vanishedAddresses)]);
  }

  #addressEvent(
    events: LinkEvents,
    directory: 'address-added' | 'address-removed',
    addresses: readonly AddressObject[],
  ): EventDraft | undefined {
    const others = this.#otherHolders(events, directory);
    const told = addresses.map(({ address }) => address).filter((address) => !others.has(address));
    if (told.length === 0) return undefined;
    const changedAddresses = [...new Set(told)];
    return { ...this.#draft(events, directory, 'kernel', events.state), changedAddresses };
  }
}

const keyOf = (link: LinkRef): string => `${link.index}.${link.generation}`;
