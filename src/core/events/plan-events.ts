/**
 * Which events follow from a set of changes. One event is one real transition of one link, or of the host.
 *
 * Order within a link: link-added; states (operational, administrative, device); addresses, those that went before
 * those that came, so that what is told last is what is true; mtu; routes; link-removed. Links that are gone come
 * before those that are there, for a name may have passed from one to the other; the host comes last.
 */
import type { Change, LinkRef } from '../model/change.ts';
import type { EventDraft } from '../model/event.ts';
import type { HookDirectory } from '../model/event-table.ts';
import type { IfIndex, TableId } from '../model/ids.ts';
import type { AddressObject } from '../model/kernel-objects.ts';
import type { LinkStatus, State } from '../model/state.ts';
import type { Source } from '../model/vocabulary.ts';
import { type HostChange, hostEvent } from './host-events.ts';
import { hasLeaseOnLink, isNewLease, type LeaseChange } from './lease-events.ts';
import { type DeltasByLink, routeDeltasByLink, routeEventName } from './route-events.ts';
import {
  administrativeDirectory,
  deviceDirectory,
  type StateTransition,
  transitionsTo,
} from './state-events.ts';

export interface EventOptions {
  /** Whether the link that bears this name now is one that the operator wants to hear of. */
  isMonitored(name: string): boolean;
  /** Whether changes in this table are told: the main one and those of policy routing. */
  reportsTable(table: TableId): boolean;
  /** The `RTPROT_*` number of netevd's own routes, which are never told. */
  readonly ownProtocol: number;
  /** The changes are what there is at the start: states alone are told. */
  readonly initial: boolean;
  /** The changes were found by reading again after messages were lost. */
  readonly resync: boolean;
}

/** Events that follow from `changes`, which led to `after`, in the order in which they are to run. */
export function planEvents(changes: readonly Change[], after: State, options: EventOptions): EventDraft[] {
  const plan = new EventPlan(after, options);
  for (const change of changes) plan.add(change);
  if (!options.initial) {
    for (const change of changes) if (change.kind === 'leaseChanged') plan.addLease(change);
    plan.addRoutes(routeDeltasByLink(changes, options));
  }
  return plan.drafts();
}

/** What one link has to tell. */
interface LinkStory {
  readonly link: LinkRef;
  readonly monitored: boolean;
  /** Operational state that the events speak of; `missing` once the link is gone. */
  state: string;
  added?: EventDraft;
  readonly states: EventDraft[];
  readonly addressesGone: AddressObject[];
  readonly addressesCome: AddressObject[];
  mtu?: EventDraft;
  routes?: EventDraft;
  removed?: EventDraft;
}

class EventPlan {
  readonly #after: State;
  readonly #options: EventOptions;
  readonly #stories = new Map<string, LinkStory>();
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
      this.#addOccurrence(change);
    }
  }

  /**
   * `routable.d` on a lease: told where the link is routable already, so that nothing else will tell of the lease.
   * While it is not, the transition that the lease brings about tells of it (`operationalSource`), also where both
   * came in one step: one event, not two. So leases are added when all states are known.
   */
  addLease(change: LeaseChange): void {
    if (!isNewLease(change) || !this.#listensTo('dhclient')) return;
    const status = this.#pictureNamed(change.interfaceName);
    if (status?.operational !== 'routable') return;
    const story = this.#story(status);
    if (story.states.some((draft) => draft.directory === 'routable')) return;
    const draft = this.#draft(story, 'routable', 'dhclient', 'routable');
    story.states.push({ ...draft, previousState: 'routable' });
  }

  addRoutes(deltas: DeltasByLink): void {
    for (const [index, routesDelta] of deltas) {
      const story = this.#storyOf(index);
      if (story?.monitored !== true) continue;
      const name = routeEventName(routesDelta);
      story.routes = { ...this.#draft(story, 'routes', 'kernel', story.state), name, routesDelta };
    }
  }

  drafts(): EventDraft[] {
    const drafts: EventDraft[] = [];
    const there: LinkStory[] = [];
    for (const story of this.#stories.values()) {
      if (!story.monitored) continue;
      if (story.removed === undefined) there.push(story);
      else this.#tell(story, drafts);
    }
    for (const story of there) this.#tell(story, drafts);
    drafts.push(...this.#host);
    return drafts;
  }

  /** Everything but states: what the start does not tell. */
  #addOccurrence(change: Change): void {
    switch (change.kind) {
      case 'linkAppeared':
        this.#addAppearance(this.#story(change.link));
        break;
      case 'linkVanished':
        this.#addRemoval(change.link, change.last.operational);
        break;
      case 'linkRenamed':
        this.#addRename(change.link, change.from);
        break;
      case 'addressAppeared':
        this.#story(change.link).addressesCome.push(change.address);
        break;
      case 'addressVanished':
        this.#story(change.link).addressesGone.push(change.address);
        break;
      case 'mtuChanged':
        this.#addMtu(this.#story(change.link));
        break;
      case 'hostChanged':
      case 'hostStatusChanged':
        this.#addHost(change);
    }
  }

  #addMtu(story: LinkStory): void {
    story.mtu = this.#draft(story, 'mtu', 'kernel', story.state);
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
    const story = this.#story(link);
    for (const transition of transitionsTo(from, to)) {
      const draft = this.#draft(story, transition.to, source, transition.to);
      story.states.push(transition.from === undefined ? draft : { ...draft, previousState: transition.from });
    }
  }

  #addState(
    link: LinkRef,
    source: Source,
    directory: HookDirectory | undefined,
    change: { readonly from: string | undefined; readonly to: string | undefined },
  ): void {
    if (directory === undefined || change.to === undefined) return;
    const story = this.#story(link);
    const draft = this.#draft(story, directory, source, change.to);
    story.states.push(change.from === undefined ? draft : { ...draft, previousState: change.from });
  }

  #addAppearance(story: LinkStory): void {
    story.added = this.#draft(story, 'link-added', 'kernel', story.state);
  }

  #addRemoval(link: LinkRef, last: string): void {
    const story = this.#story(link);
    story.state = 'missing';
    story.removed = { ...this.#draft(story, 'link-removed', 'kernel', 'missing'), previousState: last };
  }

  /** A link that is renamed into what is monitored appears to the operator; one that is renamed out of it goes. */
  #addRename(link: LinkRef, from: string): void {
    const was = this.#options.isMonitored(from);
    const story = this.#story(link);
    if (story.monitored && !was) {
      this.#addAppearance(story);
      this.#addPresentStates(story);
    } else if (was && !story.monitored) {
      const leaving = { link: { ...link, name: from }, monitored: true, state: 'missing' };
      const left: LinkStory = { ...leaving, states: [], addressesGone: [], addressesCome: [] };
      left.removed = {
        ...this.#draft(left, 'link-removed', 'kernel', 'missing'),
        previousState: story.state,
      };
      this.#stories.set(`${keyOf(link)} left`, left);
    }
  }

  /** The states of a link that comes into sight; those that changed just now come with their own change. */
  #addPresentStates(story: LinkStory): void {
    const status = this.#after.links.get(story.link.index);
    if (status === undefined) return;
    const told = story.states.splice(0);
    this.#addOperational(story.link, status.operationalSource, undefined, status.operational);
    const { administrative: to, administrativeSource: source } = status;
    if (to !== undefined && source !== undefined) {
      const directory = administrativeDirectory({ source, to });
      this.#addState(story.link, source, directory, { from: undefined, to });
    }
    const device = { from: undefined, to: status.device };
    this.#addState(story.link, 'NetworkManager', deviceDirectory(status.device), device);
    const present = new Set(story.states.map((draft) => draft.directory));
    story.states.unshift(...told.filter((draft) => !present.has(draft.directory)));
  }

  /** A link that became routable by the address of its lease did so by dhclient's doing, unless networkd says so. */
  #operationalSource(change: Change & { readonly kind: 'operationalStateChanged' }): Source {
    const byLease =
      change.source === 'kernel' &&
      change.to === 'routable' &&
      this.#listensTo('dhclient') &&
      hasLeaseOnLink(change.link, this.#after);
    return byLease ? 'dhclient' : change.source;
  }

  #listensTo(source: Source): boolean {
    return this.#after.backend === 'auto' || this.#after.backend === source;
  }

  #pictureNamed(name: string): LinkStatus | undefined {
    for (const status of this.#after.links.values()) if (status.name === name) return status;
    return undefined;
  }

  #story(link: LinkRef): LinkStory {
    const key = keyOf(link);
    const known = this.#stories.get(key);
    if (known !== undefined) return known;
    const status = this.#after.links.get(link.index);
    const state = status?.generation === link.generation ? status.operational : 'missing';
    const ref = { index: link.index, generation: link.generation, name: link.name };
    const monitored = this.#options.isMonitored(link.name);
    const story = { link: ref, monitored, state, states: [], addressesGone: [], addressesCome: [] };
    this.#stories.set(key, story);
    return story;
  }

  /** The story of the link that bears this index, or bore it until now. */
  #storyOf(index: IfIndex): LinkStory | undefined {
    const status = this.#after.links.get(index);
    if (status !== undefined) return this.#story(status);
    return [...this.#stories.values()].find((story) => story.link.index === index);
  }

  #draft(story: LinkStory, directory: HookDirectory, source: Source, state: string): EventDraft {
    const { initial, resync } = this.#options;
    return { directory, name: directory, link: story.link, source, state, initial, resync };
  }

  #tell(story: LinkStory, drafts: EventDraft[]): void {
    const add = (draft: EventDraft | undefined): void => {
      if (draft !== undefined) drafts.push(draft);
    };
    add(story.added);
    drafts.push(...story.states);
    add(this.#addressEvent(story, 'address-removed', story.addressesGone));
    add(this.#addressEvent(story, 'address-added', story.addressesCome));
    add(story.mtu);
    add(story.routes);
    add(story.removed);
  }

  #addressEvent(
    story: LinkStory,
    directory: 'address-added' | 'address-removed',
    addresses: readonly AddressObject[],
  ): EventDraft | undefined {
    if (addresses.length === 0) return undefined;
    const changedAddresses = [...new Set(addresses.map(({ address }) => address))];
    return { ...this.#draft(story, directory, 'kernel', story.state), changedAddresses };
  }
}

const keyOf = (link: LinkRef): string => `${link.index}.${link.generation}`;
