/** Where packets from the addresses of policy links go, by all rules and tables of the view. */
import { type Family, type IpAddress, maxPrefixLength } from '../../model/address.ts';
import { isDefaultPart } from '../../model/default-part.ts';
import type { IfIndex } from '../../model/ids.ts';
import { type RouteObject, RouteType, type RuleObject } from '../../model/kernel-objects.ts';
import type { LookupLink } from '../lookup/lookup-input.ts';
import { isOwn } from '../piece.ts';
import { type Grouped, itemsOf } from '../view/split-by-owner.ts';
import type { RoutingView, ViewRule } from '../view/view.ts';
import { type OutsidePacket, outsidePackets, ruleForOutside } from './packets.ts';
import { endingsOf, groupByPriority, type PathEnd } from './walk.ts';

/** What leads packets of an address elsewhere. */
export interface Diversion {
  /** `rule`: one of another program; `route`: one in a table that netevd's rules or the kernel's look up. */
  readonly kind: 'rule' | 'route' | 'nothing';
  readonly rule?: RuleObject;
  readonly route?: RouteObject;
  /** Only some destinations, protocols or users are affected. */
  readonly isPartial: boolean;
}

/** Where packets from an address to the outside go; without a diversion they leave by the link. */
export interface AddressPath {
  readonly address: IpAddress;
  readonly diversion?: Diversion;
}

/** Finds paths in one view; prepares once what all addresses share. */
export class PathFinder {
  readonly #families: Readonly<Record<Family, FamilyPaths>>;

  constructor(view: RoutingView) {
    this.#families = { 4: new FamilyPaths(view, 4), 6: new FamilyPaths(view, 6) };
  }

  /** Returns every end of a packet from the address to the outside. */
  endings(family: Family, address: IpAddress): readonly PathEnd[] {
    return this.#families[family].endings(address);
  }

  /** Returns the path of the address, which should leave by `link`. */
  pathOf(family: Family, address: IpAddress, link: IfIndex): AddressPath {
    const endings = this.endings(family, address);
    const elsewhere = endings.filter((ending) => !leavesBy(ending, link));
    const [first] = elsewhere;
    if (first === undefined) return { address };
    return { address, diversion: diversionBy(first, elsewhere.length < endings.length) };
  }
}

/** Whether a packet certainly leaves by the link: each next hop is over it. */
export function leavesBy({ route }: PathEnd, link: IfIndex): boolean {
  return (
    route?.type === RouteType.unicast &&
    route.nextHops.length > 0 &&
    route.nextHops.every(({ ifindex }) => ifindex === link)
  );
}

/** The kernel's own rules for main and default, which come last. */
const lastPriorities = 32_766;

function diversionBy({ rule, route, through }: PathEnd, isPartial: boolean): Diversion {
  const culprit = through ?? rule;
  if (culprit === undefined) return { kind: 'nothing', isPartial };
  const isForeign = !isOwn(culprit) && culprit.priority < lastPriorities;
  if (!isForeign && route !== undefined) return { kind: 'route', rule: culprit, route, isPartial };
  return { kind: 'rule', rule: culprit, ...(route === undefined ? {} : { route }), isPartial };
}

/** One family: rules by the addresses that they are about, and the (parts of) default routes of all tables. */
class FamilyPaths {
  readonly #ofAddress = new Map<string, RuleObject[]>();
  readonly #ofMany: RuleObject[] = [];
  readonly #priorities = new Set<number>();
  readonly #routes: readonly RouteObject[];
  readonly #links: readonly LookupLink[];
  readonly #packets: readonly OutsidePacket[];

  constructor(view: RoutingView, family: Family) {
    const rules: RuleObject[] = [];
    for (const { rule } of [...view.rules, ...itemsOf<ViewRule>(view.ownRules)]) {
      if (rule.family !== family) continue;
      this.#priorities.add(rule.priority);
      const outside = ruleForOutside(rule);
      if (outside !== undefined) this.#add(outside, rules);
    }
    this.#routes = [
      ...view.routes.filter(isOutside(family)),
      ...ownOutside(view.ownRoutes).filter(isOutside(family)),
    ];
    this.#links = view.links;
    this.#packets = outsidePackets(family, rules, this.#routes);
  }

  #add(rule: RuleObject, distinguishing: RuleObject[]): void {
    const { source, family } = rule;
    const isOfOne = source?.length === maxPrefixLength(family) && (rule.flags & invertFlag) === 0;
    if (!isOfOne) this.#ofMany.push(rule);
    else push(this.#ofAddress, source.address, rule);
    if (!isOwn(rule)) distinguishing.push(rule);
  }

  endings(address: IpAddress): readonly PathEnd[] {
    const groups = groupByPriority([...this.#ofMany, ...(this.#ofAddress.get(address) ?? [])]);
    const input = { groups, priorities: this.#priorities, routes: this.#routes, links: this.#links };
    return this.#packets.flatMap((packet) => endingsOf({ ...packet, source: address }, input));
  }
}

/** `FIB_RULE_INVERT` of linux/fib_rules.h. */
const invertFlag = 2;

const isOutside =
  (family: Family) =>
  (route: RouteObject): boolean =>
    route.family === family && isDefaultPart(route);

const ownRoutes = new WeakMap<Grouped<RouteObject>, readonly RouteObject[]>();

/** The (parts of) default routes of netevd. */
function ownOutside(routes: Grouped<RouteObject>): readonly RouteObject[] {
  let outside = ownRoutes.get(routes);
  if (outside === undefined) {
    outside = [...itemsOf(routes)].filter(isDefaultPart);
    ownRoutes.set(routes, outside);
  }
  return outside;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
