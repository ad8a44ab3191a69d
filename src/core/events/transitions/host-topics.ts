/** Transitions of the host as a whole: its way out, and whether it is online. */
import type { Family } from '../../model/address.ts';
import { isUsable } from '../../model/address-tally.ts';
import type { HookDirectory } from '../../model/event-table.ts';
import type { IfIndex } from '../../model/ids.ts';
import type { State } from '../../model/state.ts';
import type { TopicValue } from '../../model/transition.ts';
import { hasCarrier } from '../../model/vocabulary.ts';
import type { DefaultRoutes } from './default-routes.ts';

/** What *online* means: `online` of the configuration. */
export interface OnlinePolicy {
  readonly families: 'any' | 'ipv4' | 'ipv6' | 'both';
  /** Whether a link with this name counts. */
  counts(name: string): boolean;
}

export interface HostTopic {
  /** Names the topic in the journal: never changes. */
  readonly key: string;
  readonly family?: Family;
  read(state: State, routes: DefaultRoutes, policy: OnlinePolicy): TopicValue | undefined;
  directoryOf(after: TopicValue | undefined): HookDirectory;
  nameOf(before: TopicValue | undefined, after: TopicValue | undefined): string;
  /** `STATE` of the event. */
  stateOf(reading: TopicValue | undefined): string;
}

/** `default-route.d`: the link and gateway that packets to the outside take by the main table. */
const defaultRoutes: readonly HostTopic[] = ([4, 6] as const).map((family) => ({
  key: `default-route/${family}`,
  family,
  read(state, routes) {
    const route = routes.wayOut(family);
    if (route === undefined) return undefined;
    const nameOf = (index: IfIndex): string => state.links.get(index)?.name ?? `#${index}`;
    const link = [
      ...new Set(route.nextHops.filter((hop) => hop.ifindex !== 0).map((hop) => nameOf(hop.ifindex))),
    ];
    const gateway = route.nextHops.map((hop) => hop.gateway).filter((one) => one !== undefined);
    return { source: 'kernel', values: { link, gateway } };
  },
  directoryOf: () => 'default-route',
  nameOf(before, after) {
    if (before === undefined) return 'gained';
    return after === undefined ? 'lost' : 'changed';
  },
  stateOf: (reading) => (reading === undefined ? 'none' : 'present'),
}));

/** `online.d`, `offline.d`. */
const online: HostTopic = {
  key: 'online',
  read(state, routes, policy) {
    return { source: 'kernel', values: { state: isOnline(state, routes, policy) ? 'online' : 'offline' } };
  },
  directoryOf: (after) => (onlineState(after) === 'online' ? 'online' : 'offline'),
  nameOf: (_before, after) => onlineState(after),
  stateOf: onlineState,
};

/** In the order in which they are reported. */
export const hostTopics: readonly HostTopic[] = [...defaultRoutes, online];

/** The key of the topic that is a state, and so is reported at the start. */
export const onlineKey: string = online.key;

function onlineState(reading: TopicValue | undefined): 'online' | 'offline' {
  return reading?.values['state'] === 'online' ? 'online' : 'offline';
}

/**
 * Whether the host can be expected to reach others: a link that counts has carrier, an address that passed
 * duplicate address detection, and a default route, in the families of the policy.
 */
export function isOnline(state: State, routes: DefaultRoutes, policy: OnlinePolicy): boolean {
  const reaches = (family: Family): boolean =>
    routes
      .whole(family)
      .some(({ nextHops }) => nextHops.some(({ ifindex }) => isReady(state, ifindex, family, policy)));
  switch (policy.families) {
    case 'any':
      return reaches(4) || reaches(6);
    case 'both':
      return reaches(4) && reaches(6);
    case 'ipv4':
      return reaches(4);
    case 'ipv6':
      return reaches(6);
  }
}

function isReady(state: State, index: IfIndex, family: Family, policy: OnlinePolicy): boolean {
  const link = state.kernel.links.get(index);
  const status = state.links.get(index);
  if (link === undefined || status === undefined || !policy.counts(status.name)) return false;
  if (!hasCarrier(status.operational)) return false;
  for (const address of link.addresses.values())
    if (address.family === family && isUsable(address)) return true;
  return false;
}
