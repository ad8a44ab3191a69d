/** The paths of all addresses of policy links. */
import type { Family } from '../../model/address.ts';
import type { IfIndex } from '../../model/ids.ts';
import type { RoutingView } from '../view/view.ts';
import type { WantedLink } from '../wanted/wanted.ts';
import { type AddressPath, PathFinder } from './path-finder.ts';

export type LinkPaths = ReadonlyMap<IfIndex, Readonly<Record<Family, readonly AddressPath[]>>>;

/** Returns where packets from each address that has rules go. Pure. Costs a walk for each address. */
export function findPaths(view: RoutingView, links: readonly WantedLink[]): LinkPaths {
  const finder = new PathFinder(view);
  return new Map(
    links.map(({ link, families }) => {
      const pathsOf = (family: Family): readonly AddressPath[] =>
        families
          .filter((one) => one.family === family)
          .flatMap(({ addresses }) =>
            addresses.map(({ address }) => finder.pathOf(family, address, link.index)),
          );
      return [link.index, { 4: pathsOf(4), 6: pathsOf(6) }];
    }),
  );
}
