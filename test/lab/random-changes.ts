/**
 * A reproducible stream of network changes: the same seed gives the same commands. It keeps only as much of a model
 * as it needs to name things that exist; what the kernel makes of a command is the kernel's business.
 */

/** One change: what it is, and the lines of POSIX shell that make it. A refusal by the kernel is allowed. */
export interface Change {
  readonly what: string;
  readonly script: string;
}

type Role = 'veth' | 'bridge' | 'other';

interface Subject {
  name: string;
  readonly role: Role;
  /** Name of the other end in the namespace `peer`. */
  readonly peer?: string;
  /** Command that makes the link again after it was deleted. */
  readonly recipe: string;
  readonly addresses: Set<string>;
  exists: boolean;
}

/** mulberry32: small, and good enough to choose test cases with. Returns numbers in [0, 1). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Files that networkd needs before the first change: which links it manages, and how. */
export const NETWORKD_FILES: Readonly<Record<string, string>> = {
  '/etc/systemd/network/05-managed-bridge.network':
    '[Match]\nName=ndbr*\n[Network]\nLinkLocalAddressing=no\nIPv6AcceptRA=no\nConfigureWithoutCarrier=yes\n',
  '/etc/systemd/network/05-managed-ipv6.network':
    '[Match]\nName=nds*\n[Network]\nLinkLocalAddressing=ipv6\nIPv6AcceptRA=no\nAddress=10.88.1.2/24\n',
};

const veth = (name: string, n: number): Subject => ({
  name,
  role: 'veth',
  peer: `p${n}`,
  recipe: `ip link add NAME index ${1000 + n} type veth peer name p${n} index ${2000 + n} netns peer; ip -n peer link set p${n} up`,
  addresses: new Set(),
  exists: false,
});

const other = (name: string, recipe: string, role: Role = 'other'): Subject => ({
  name,
  role,
  recipe,
  addresses: new Set(),
  exists: false,
});

/** DAD of IPv6 addresses in milliseconds instead of a second, but for un2, where it takes longer than any test. */
const QUICK_DAD =
  'for d in $(ls /sys/class/net); do [ "$d" = un2 ] || echo 5 >/proc/sys/net/ipv6/neigh/$d/retrans_time_ms; done 2>/dev/null';

const ADDRESSES: readonly string[] = [
  '10.90.1.1/24',
  '10.90.1.2/24',
  '10.90.2.1/32',
  '10.90.3.1 peer 10.90.3.2',
  '192.168.7.7/16 scope site',
  '10.90.4.1/24 scope link',
  '10.90.5.1/24 scope host',
  '10.90.7.1/24 scope nowhere',
  '10.90.6.1/24 preferred_lft 0',
  '10.90.8.1/24 scope 100',
  '169.254.9.1/16',
  '169.254.9.2/16 scope link',
  '127.7.7.7/8 scope host',
  '127.7.7.8/8',
  '2001:db8:1::1/64',
  '2001:db8:1::2/64 nodad',
  '2001:db8:2::1/64 preferred_lft 0',
  'fd00:7::1/64',
  'fd00:7::2/64 nodad home',
  'fe80::77/64',
  'fe80::78/64 nodad',
  'fec0::7/64 nodad',
  '2001:db8:9::9/64 optimistic',
  // the peers have it, too: duplicate address detection fails
  '2001:db8:66::66/64',
];

/** Yields `count` changes; the first ones make the links. */
export function* randomChanges(seed: number, count: number): Generator<Change> {
  const random = randomNumbers(seed);
  const pick = <T>(list: readonly T[]): T => {
    const item = list[Math.floor(random() * list.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  };
  const subjects = makeSubjects();
  yield { what: 'prepare', script: PREPARE };
  for (const subject of subjects.filter((each) => each.name !== 'lo')) yield create(subject);
  for (let i = 0; i < count; i++) yield nextChange(subjects, pick, random);
}

const PREPARE = `[ -e /run/netns/peer ] || ip netns add peer
ip -n peer link set lo up
echo 0 >/proc/sys/net/ipv6/conf/default/router_solicitation_delay
echo 1 >/proc/sys/net/ipv6/conf/default/optimistic_dad
ip netns exec peer sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/router_solicitation_delay'`;

function makeSubjects(): Subject[] {
  return [
    { name: 'lo', role: 'other', recipe: '', addresses: new Set(), exists: true },
    veth('nd1', 1),
    veth('nds2', 2),
    veth('un1', 3),
    veth('un2', 4),
    veth('un3', 5),
    // without link-local addresses of their own: states below degraded are seen
    other('br1', 'ip link add NAME type bridge; ip link set NAME addrgenmode none', 'bridge'),
    other('ndbr1', 'ip link add NAME type bridge', 'bridge'),
    other('ifb1', 'ip link add NAME type ifb; ip link set NAME addrgenmode none'),
    other('vx1', 'ip link add NAME type vxlan id 7 dstport 4789'),
    other('tap1', 'ip tuntap add NAME mode tap'),
    other('mv1', 'ip link add NAME link un3 type macvlan'),
  ];
}

function create(subject: Subject): Change {
  subject.exists = true;
  subject.addresses.clear();
  const duplicate =
    subject.peer === undefined ? '' : `\nip -n peer addr add 2001:db8:66::66/64 dev ${subject.peer} nodad`;
  return {
    what: `create ${subject.name}`,
    script: `${subject.recipe.replaceAll('NAME', subject.name)}${duplicate}\n${QUICK_DAD}\n[ ${subject.name} != un2 ] || echo 600000 >/proc/sys/net/ipv6/neigh/un2/retrans_time_ms`,
  };
}

type Pick = <T>(list: readonly T[]) => T;

function nextChange(subjects: readonly Subject[], pick: Pick, random: () => number): Change {
  const gone = subjects.filter((subject) => !subject.exists);
  const [lost] = gone;
  if (lost !== undefined && random() < 0.5) return create(lost);
  const here = subjects.filter((subject) => subject.exists);
  const kind = pick(WEIGHTED);
  const loopback = here.filter((subject) => subject.name === 'lo');
  // mostly not the loopback: it is one link among many
  const links = random() < 0.06 ? loopback : here.filter((subject) => subject.name !== 'lo');
  return kind(pick(links), here, pick) ?? nextChange(subjects, pick, random);
}

type Kind = (subject: Subject, all: readonly Subject[], pick: Pick) => Change | undefined;

const simple = (what: string): Change => ({ what, script: `ip ${what}` });

const setUp: Kind = (subject) => simple(`link set ${subject.name} up`);
const setDown: Kind = (subject, _all, pick) =>
  subject.name === 'lo' && pick([0, 1]) === 0 ? undefined : simple(`link set ${subject.name} down`);
const peer: Kind = (subject, _all, pick) =>
  subject.peer === undefined
    ? undefined
    : simple(`-n peer link set ${subject.peer} ${pick(['up', 'up', 'down'])}`);
const addAddress: Kind = (subject, _all, pick) => {
  const address = pick(ADDRESSES);
  subject.addresses.add(address.split(' ')[0] ?? address);
  return simple(`addr add ${address} dev ${subject.name}`);
};
const removeAddress: Kind = (subject, _all, pick) => {
  const present = [...subject.addresses];
  if (present.length === 0) return undefined;
  const address = pick(present);
  subject.addresses.delete(address);
  return simple(`addr del ${address} dev ${subject.name}`);
};
const flush: Kind = (subject, _all, pick) => {
  if (subject.addresses.size === 0) return undefined;
  const family = pick(['', '-4 ', '-6 ']);
  if (family === '') subject.addresses.clear();
  return simple(`${family}addr flush dev ${subject.name}`);
};
const enslave: Kind = (subject, all, pick) => {
  const bridges = all.filter((each) => each.role === 'bridge');
  if (subject.role === 'bridge' || subject.name === 'lo' || bridges.length === 0) return undefined;
  return simple(`link set ${subject.name} master ${pick(bridges).name}`);
};
const release: Kind = (subject) =>
  subject.role === 'bridge' || subject.name === 'lo'
    ? undefined
    : simple(`link set ${subject.name} nomaster`);
const mode: Kind = (subject, _all, pick) =>
  simple(`link set ${subject.name} mode ${pick(['dormant', 'default'])}`);
const operState: Kind = (subject, _all, pick) =>
  simple(`link set ${subject.name} state ${pick(['dormant', 'up', 'testing'])}`);
const carrier: Kind = (subject, _all, pick) =>
  subject.role === 'other' ? simple(`link set ${subject.name} carrier ${pick(['on', 'off'])}`) : undefined;
const mtu: Kind = (subject, _all, pick) =>
  simple(`link set ${subject.name} mtu ${pick([576, 1280, 1400, 1500])}`);
const rename: Kind = (subject) => {
  if (['lo', 'un2', 'un3'].includes(subject.name)) return undefined;
  const old = subject.name;
  subject.name = old.endsWith('x') ? old.slice(0, -1) : `${old}x`;
  return simple(`link set ${old} name ${subject.name}`);
};
const remove: Kind = (subject, all) => {
  if (subject.name === 'lo') return undefined;
  subject.exists = false;
  const upper = subject.name === 'un3' ? all.find((each) => each.name.startsWith('mv1')) : undefined;
  if (upper !== undefined) upper.exists = false;
  return simple(`link del ${subject.name}`);
};
/** The whole machine at once: only so the host itself is seen without carrier and without addresses. */
const everything: Kind = (_subject, all, pick) => {
  const links = all.filter((each) => each.name !== 'lo');
  const what = pick(['down', 'up', 'bare', 'bare and released']);
  if (what.startsWith('bare')) for (const link of links) link.addresses.clear();
  const commands: Record<typeof what, string> = {
    down: 'link set NAME down',
    up: 'link set NAME up',
    bare: 'addr flush dev NAME',
    'bare and released': 'link set NAME nomaster',
  };
  const lines = links.map(({ name }) => commands[what]?.replace('NAME', name));
  const flush = what === 'bare and released' ? links.map(({ name }) => `addr flush dev ${name}`) : [];
  return {
    what: `everything ${what}`,
    script: `ip -force -batch - <<'END'\n${[...lines, ...flush].join('\n')}\nEND`,
  };
};

const weights: readonly (readonly [Kind, number])[] = [
  [setUp, 18],
  [setDown, 7],
  [peer, 12],
  [addAddress, 22],
  [removeAddress, 12],
  [flush, 8],
  [enslave, 8],
  [release, 5],
  [mode, 4],
  [operState, 7],
  [carrier, 4],
  [mtu, 2],
  [rename, 2],
  [remove, 3],
  [everything, 4],
];
const WEIGHTED: readonly Kind[] = weights.flatMap(([kind, weight]) => new Array<Kind>(weight).fill(kind));
