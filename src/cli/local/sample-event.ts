/** Makes a sample event for a script: about an existing link where possible, with the link's real details. */

import type { IpAddress } from '../../core/model/address.ts';
import type { NetworkEvent } from '../../core/model/event.ts';
import type { HookDirectory } from '../../core/model/event-table.ts';
import { eventEntry } from '../../core/model/event-table.ts';
import { eventId, type IfIndex, seq, type Timestamp } from '../../core/model/ids.ts';
import { LinkFlag } from '../../core/model/kernel-objects.ts';
import type { KernelLink, LinkStatus, NetworkdLink, State } from '../../core/model/state.ts';
import {
  administrativeStates,
  type OperationalState,
  operationalStates,
} from '../../core/model/vocabulary.ts';
import { linkDetails } from '../../core/view/link-details.ts';
import { sampleIndex, sampleRouteOf, withAddresses, withSampleLink } from './sample-link.ts';
import { sampleTransition } from './sample-transition.ts';

export interface SampleEvent {
  readonly event: NetworkEvent;
  /** The state after the event. */
  readonly state: State;
  /** The link does not exist on this machine. */
  readonly isSampleLink: boolean;
}

export interface SampleEventRequest {
  readonly directory: HookDirectory;
  /** Absent: the link of this machine in the best state. */
  readonly link?: string;
  /** Addresses instead of the link's own; empty: its own. */
  readonly addresses: readonly IpAddress[];
  readonly at: Timestamp;
}

/** `machine`: the present state of this machine. */
export function makeSampleEvent(
  { directory, link, addresses, at }: SampleEventRequest,
  machine: State,
): SampleEvent {
  const real = link === undefined ? bestLink(machine) : named(link, machine);
  const isSampleLink = real === undefined && eventEntry(directory).isOfHost !== true;
  const present = real === undefined ? withSampleLink(link ?? 'eth0', machine) : machine;
  const status = real ?? present.links.get(sampleIndex);
  if (status === undefined) throw new Error('the sample link has no status');
  const addressed = addresses.length === 0 ? present : withAddresses(status.index, addresses, present);
  const state = inState(directory, status, addressed);
  return { event: eventOf(directory, status, state, at), state, isSampleLink };
}

function bestLink(state: State): LinkStatus | undefined {
  const isLoopback = ({ index }: LinkStatus): boolean =>
    ((state.kernel.links.get(index)?.object.flags ?? 0) & LinkFlag.loopback) !== 0;
  const rank = (status: LinkStatus): number =>
    isLoopback(status) ? -1 : operationalStates.indexOf(status.operational);
  return [...state.links.values()].sort((a, b) => rank(b) - rank(a) || a.index - b.index)[0];
}

const named = (name: string, state: State): LinkStatus | undefined =>
  [...state.links.values()].find((status) => status.name === name);

/** A plausible state before the event. */
const statesBefore: Partial<Readonly<Record<HookDirectory, string>>> = {
  missing: 'off',
  off: 'no-carrier',
  'no-carrier': 'routable',
  dormant: 'no-carrier',
  'degraded-carrier': 'carrier',
  carrier: 'no-carrier',
  degraded: 'carrier',
  enslaved: 'carrier',
  routable: 'degraded',
  configured: 'configuring',
  configuring: 'initialized',
  initialized: 'pending',
  activated: 'secondaries',
  disconnected: 'deactivating',
  deactivating: 'activated',
  unavailable: 'disconnected',
  failed: 'configuring',
  manager: 'carrier',
  'default-route': 'none',
  online: 'offline',
  offline: 'online',
  'link-removed': 'routable',
};

function eventOf(directory: HookDirectory, status: LinkStatus, state: State, at: Timestamp): NetworkEvent {
  const { index, generation: age, name } = status;
  const { sources, kind, isOfHost } = eventEntry(directory);
  const source = sources.includes(status.owner) ? status.owner : (sources[0] ?? 'kernel');
  const previousState = statesBefore[directory];
  const event: NetworkEvent = {
    id: eventId('test'),
    seq: seq(0),
    at,
    directory,
    name: directory,
    source,
    state: stateOf(directory, state, index),
    ...(previousState === undefined ? {} : { previousState }),
    initial: false,
    resync: false,
  };
  if (directory === 'manager') return { ...event, properties: { OperationalState: event.state } };
  const about = { ...event, link: { index, generation: age, name } };
  const details = linkDetails(about.link, state);
  if (kind === 'transition') {
    const { name: action, transition } = sampleTransition(directory, details);
    return { ...(isOfHost === true ? event : about), name: action, transition };
  }
  const { addresses, routes } = details;
  if (directory === 'address-added' || directory === 'address-removed') {
    return { ...about, changedAddresses: addresses.map(({ address }) => address) };
  }
  if (directory !== 'routes') return about;
  const route = routes[0]?.route ?? sampleRouteOf(index);
  return { ...about, name: 'new', routesDelta: [{ action: 'new', route }] };
}

function stateOf(directory: HookDirectory, state: State, index: IfIndex): string {
  if (directory === 'manager') return state.host.operational;
  if (directory === 'default-route') return 'present';
  if (directory === 'link-removed') return 'missing';
  const { kind, isOfHost } = eventEntry(directory);
  if (kind === 'state' || isOfHost === true) return directory;
  return state.links.get(index)?.operational ?? 'routable';
}

/** A state in which the link has reached the state of the event. */
function inState(directory: HookDirectory, status: LinkStatus, state: State): State {
  const operational = operationalStates.find((known) => known === directory) ?? status.operational;
  const administrative = administrativeStates.find((known) => known === directory) ?? status.administrative;
  const reached = { ...status, operational, ...(administrative === undefined ? {} : { administrative }) };
  const links = state.links.set(status.index, reached);
  const known = state.networkd.links.get(status.index);
  const isReported = known !== undefined || eventEntry(directory).sources[0] === 'systemd-networkd';
  if (!isReported) return { ...state, links };
  const sample = networkdLink(reached, operational, state.kernel.links.get(status.index));
  const report =
    known === undefined ? sample : { ...known, operational, administrative: sample.administrative };
  const networkd = { ...state.networkd, links: state.networkd.links.set(status.index, report) };
  return { ...state, links, networkd };
}

/** A report that networkd could make of the link. */
function networkdLink(
  status: LinkStatus,
  operational: OperationalState,
  kernel: KernelLink | undefined,
): NetworkdLink {
  return {
    operational,
    administrative: status.administrative ?? 'configured',
    carrierState: kernel?.carrierState ?? 'carrier',
    addressState: kernel?.addressState ?? 'routable',
    ipv4AddressState: kernel?.ipv4AddressState ?? 'routable',
    ipv6AddressState: kernel?.ipv6AddressState ?? 'off',
    acknowledged: true,
    dns: [],
    domains: [],
    ntp: [],
    gateways: [],
  };
}
