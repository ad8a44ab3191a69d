/** Selects what a step says about one link. */
import type { Change, LinkRef } from '../../model/change.ts';
import type { RouteObject } from '../../model/kernel-objects.ts';

/** Whether the change is about the link: itself, its addresses, its lease, or a route over it. */
export function isAbout(change: Change, link: LinkRef): boolean {
  switch (change.kind) {
    case 'routeAppeared':
    case 'routeVanished':
      return leadsOver(change.route, link);
    case 'routeReplaced':
      return leadsOver(change.from, link) || leadsOver(change.to, link);
    case 'leaseChanged':
      return change.interfaceName === link.name;
    default:
      return (
        'link' in change && change.link.index === link.index && change.link.generation === link.generation
      );
  }
}

const leadsOver = ({ nextHops }: RouteObject, { index }: LinkRef): boolean =>
  nextHops.some((hop) => hop.ifindex === index);
