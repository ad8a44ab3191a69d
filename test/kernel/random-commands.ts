/** Random `ip` commands, the same for one seed. Many of them fail, as they do in life. */

/** mulberry32: small, seeded, good enough to choose commands. */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Pick = (below: number) => number;

const linkName = (pick: Pick): string => `v${pick(6)}`;
const bridgeName = (pick: Pick): string => `br${pick(2)}`;
const anyName = (pick: Pick): string => (pick(4) === 0 ? bridgeName(pick) : linkName(pick));
const address4 = (pick: Pick): string => `10.${pick(3)}.0.${1 + pick(4)}`;
const address6 = (pick: Pick): string => `2001:db8:${pick(3)}::${1 + pick(4)}`;
/** Few, so that routes meet their like. */
const gateway4 = (pick: Pick): string => `10.${pick(2)}.0.${1 + pick(3)}`;
const gateway6 = (pick: Pick): string => `2001:db8:${pick(2)}::${1 + pick(2)}`;
const target4 = (pick: Pick): string => (pick(3) === 0 ? 'default' : `10.${90 + pick(2)}.0.0/16`);
const target6 = (pick: Pick): string => (pick(3) === 0 ? 'default' : `2001:db8:${90 + pick(2)}::/64`);
const table = (pick: Pick): string => (pick(5) === 0 ? ` table ${100 + pick(2)}` : '');
const metric = (pick: Pick): string => (pick(6) === 0 ? ` metric ${10 + pick(2)}` : '');
const verb = (pick: Pick): string =>
  ['add', 'append', 'prepend', 'replace', 'change', 'del'][pick(6)] as string;

function way4(pick: Pick): string {
  const kind = pick(7);
  if (kind === 0) return `dev ${linkName(pick)}`;
  if (kind === 1) return `nexthop via ${gateway4(pick)} weight ${1 + pick(3)} nexthop via ${gateway4(pick)}`;
  if (kind === 2) return `via inet6 fe80::${pick(4)} dev ${linkName(pick)}`;
  if (kind === 3) return `via ${gateway4(pick)} dev ${linkName(pick)} onlink`;
  if (kind === 4) return `via ${gateway4(pick)} src ${address4(pick)}`;
  if (kind === 5) return `nhid ${1 + pick(3)}`;
  return `via ${gateway4(pick)}`;
}

/**
 * What is joined to a multipath route, and what is not, have metrics apart: the kernel's dump leaves out routes of the
 * same metric that stand between two ways of one (fib6_dump_node goes on after the last sibling; seen with 6.18).
 */
function way6(pick: Pick): string {
  const kind = pick(7);
  if (kind === 0) return `metric 50 dev ${linkName(pick)}`;
  if (kind === 1) return `metric 60 nhid ${4 + pick(3)}`;
  const own = pick(6) === 0 ? `metric ${10 + pick(2)} ` : '';
  if (kind === 2) return `${own}nexthop via ${gateway6(pick)} nexthop via ${gateway6(pick)}`;
  if (kind === 3) {
    return `${own}nexthop via fe80::${pick(3)} dev ${linkName(pick)} nexthop via fe80::${pick(3)} dev ${linkName(pick)}`;
  }
  return `${own}via ${gateway6(pick)}`;
}

const kinds: readonly (readonly [weight: number, command: (pick: Pick, otherNamespace: number) => string])[] =
  [
    [6, (pick) => `link add ${linkName(pick)} type veth peer name ${linkName(pick)}`],
    [2, (pick) => `link add ${bridgeName(pick)} type bridge`],
    [3, (pick) => `link del ${anyName(pick)}`],
    [12, (pick) => `link set ${anyName(pick)} up`],
    [4, (pick) => `link set ${anyName(pick)} down`],
    [2, (pick) => `link set ${anyName(pick)} mtu ${1400 + pick(3)}`],
    [2, (pick) => `link set ${linkName(pick)} name ${linkName(pick)}`],
    [1, (pick) => `link property add dev ${anyName(pick)} altname other${pick(4)}`],
    [1, (pick) => `link property del dev ${anyName(pick)} altname other${pick(4)}`],
    [1, (pick) => `link set ${anyName(pick)} address 02:00:00:00:00:0${pick(9)}`],
    [1, (pick) => `link set ${anyName(pick)} alias text${pick(4)}`],
    [5, (pick) => `link set ${linkName(pick)} master ${bridgeName(pick)}`],
    [2, (pick) => `link set ${linkName(pick)} nomaster`],
    [1, (pick, other) => `link set ${linkName(pick)} netns ${other}`],
    [8, (pick) => `addr add ${address4(pick)}/24 dev ${anyName(pick)}`],
    [2, (pick) => `addr add ${address4(pick)} peer ${address4(pick)}/32 dev ${anyName(pick)}`],
    [6, (pick) => `-6 addr add ${address6(pick)}/64 dev ${anyName(pick)}${pick(2) === 0 ? ' nodad' : ''}`],
    [1, (pick) => `addr replace ${address4(pick)}/24 dev ${anyName(pick)} valid_lft 1000 preferred_lft 900`],
    [1, (pick) => `-6 addr change ${address6(pick)}/64 dev ${anyName(pick)} preferred_lft 0`],
    [4, (pick) => `addr del ${address4(pick)}/24 dev ${anyName(pick)}`],
    [3, (pick) => `-6 addr del ${address6(pick)}/64 dev ${anyName(pick)}`],
    [1, (pick) => `addr flush dev ${anyName(pick)}`],
    [14, (pick) => `route ${verb(pick)} ${target4(pick)}${table(pick)}${metric(pick)} ${way4(pick)}`],
    [
      2,
      (pick) =>
        `route ${verb(pick)} ${['blackhole', 'unreachable', 'prohibit', 'throw'][pick(4)]} ${target4(pick)}${table(pick)}`,
    ],
    [1, (pick) => `route ${verb(pick)} local ${target4(pick)} dev lo${table(pick)}`],
    [14, (pick) => `-6 route ${verb(pick)} ${target6(pick)}${table(pick)} ${way6(pick)}`],
    [1, (pick) => `-6 route ${verb(pick)} unreachable ${target6(pick)}${table(pick)} metric 70`],
    [3, (pick) => `route del ${target4(pick)}${table(pick)}`],
    [3, (pick) => `-6 route del ${target6(pick)}${table(pick)}`],
    [5, (pick) => `-6 route del ${target6(pick)} via ${gateway6(pick)}`],
    [6, (pick) => `-6 route append ${target6(pick)} via ${gateway6(pick)}`],
    [1, (pick) => `route flush table ${100 + pick(2)}`],
    [
      2,
      (pick) =>
        `nexthop ${pick(2) === 0 ? 'add' : 'replace'} id ${1 + pick(2)} via ${address4(pick)} dev ${linkName(pick)}`,
    ],
    [1, (pick) => `nexthop ${pick(2) === 0 ? 'add' : 'replace'} id 3 group 1/2`],
    [
      2,
      (pick) =>
        `nexthop ${pick(2) === 0 ? 'add' : 'replace'} id ${4 + pick(2)} via ${address6(pick)} dev ${linkName(pick)}`,
    ],
    [1, (pick) => `nexthop ${pick(2) === 0 ? 'add' : 'replace'} id 6 group 4/5`],
    [2, (pick) => `nexthop del id ${1 + pick(6)}`],
    [
      4,
      (pick) =>
        `rule ${pick(3) === 0 ? 'del' : 'add'} from ${address4(pick)} table ${100 + pick(3)}${pick(2) === 0 ? ` pref ${200 + pick(3)}` : ''}`,
    ],
    [
      3,
      (pick) =>
        `-6 rule ${pick(3) === 0 ? 'del' : 'add'} from ${address6(pick)} table ${100 + pick(3)} pref ${200 + pick(3)}`,
    ],
    [
      1,
      (pick) =>
        `rule ${pick(3) === 0 ? 'del' : 'add'} iif ${anyName(pick)} table ${100 + pick(3)} pref ${200 + pick(3)}`,
    ],
  ];

type Kinds = typeof kinds;

const routeKinds: Kinds = kinds.filter(([, command]) => /route|rule/.test(command(() => 0, 0)));

/** One command, without its leading `ip`. `otherNamespace`: a process in a namespace to move links to. */
export const randomCommand = (pick: Pick, otherNamespace: number): string =>
  choose(kinds, pick, otherNamespace);

/** One command about routes or rules. */
export const randomRouteCommand = (pick: Pick): string => choose(routeKinds, pick, 0);

function choose(among: Kinds, pick: Pick, otherNamespace: number): string {
  let at = pick(among.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, command] of among) {
    at -= weight;
    if (at < 0) return command(pick, otherNamespace);
  }
  throw new RangeError('weights do not add up');
}
