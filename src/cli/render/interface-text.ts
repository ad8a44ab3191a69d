/** `netevd show interface NAME`. Pure. */
import type {
  DetailedAddress,
  HookRunSummary,
  InterfaceDetails,
  LinkDamping,
  RoutingLink,
} from '../../client/types.ts';
import { stateSign } from './link-state.ts';
import { paintedResult } from './run-text.ts';
import { hang, type Screen, spread } from './screen.ts';
import { ageSince, clockText, counted, durationText, momentText, spanText } from './time-text.ts';

/** A link with all that is known about it; `runs`: its latest hook runs, newest first. */
export function interfaceText(
  link: InterfaceDetails,
  runs: readonly HookRunSummary[],
  now: number,
  screen: Screen,
): string {
  return [
    ...titleLines(link, now, screen),
    ...sections(link, now).flatMap(([name, text]) => section(name, text, screen)),
    ...hookLines(runs, now, screen),
    ...eventLines(link, screen),
  ].join('\n');
}

const section = (name: string, text: string, screen: Screen): readonly string[] =>
  hang(`  ${name.padEnd(9)}  `, text, screen);

function titleLines(link: InterfaceDetails, now: number, screen: Screen): readonly string[] {
  const { paint } = screen;
  const age = ageSince(link.since, now);
  const setup = link.setup === null ? '' : `, ${link.setup}`;
  const left = `${stateSign(link.state, paint)} ${paint.bold(link.name)}  ${link.state}${setup}${age === undefined ? '' : `   for ${age}`}`;
  const facts = [`index ${link.index}`, link.type, link.driver, link.mac_address];
  const known = [...facts, link.mtu === null ? null : `mtu ${link.mtu}`].filter((fact) => fact !== null);
  return spread(left, paint.dim(known.join(', ')), 4, screen);
}

function sections(link: InterfaceDetails, now: number): readonly (readonly [string, string])[] {
  const addresses = link.addresses.map((address, at): readonly [string, string] => [
    at === 0 ? 'addresses' : '',
    addressLine(address, now),
  ]);
  const manager = [link.owner, link.network_file].filter((text) => text !== null).join('  ');
  return [
    ...(addresses.length === 0 ? [['addresses', 'none'] as const] : addresses),
    ...(link.gateway === null && link.dns.length === 0 ? [] : [['gateway', gatewayLine(link)] as const]),
    ['manager', manager],
    ...(link.master === null ? [] : [['port of', link.master] as const]),
    ...leaseLines(link, now),
    ...dampingLines(link),
    ['routing', routingLine(link.policy_routing, now)],
    ...(link.watched ? [] : [['watched', 'no: neither hooks nor history (monitoring)'] as const]),
  ];
}

function addressLine(
  { ip, prefix, flags, preferred_until, valid_until }: DetailedAddress,
  now: number,
): string {
  const marks = flags.filter((flag) => flag !== 'permanent');
  const left = (until: string | null): string | undefined =>
    until === null ? undefined : spanText(Date.parse(until) - now);
  const valid = left(valid_until);
  const preferred = preferred_until === valid_until ? undefined : left(preferred_until);
  const lifetimes = [
    ...(preferred === undefined ? [] : [`preferred ${preferred}`]),
    ...(valid === undefined ? [] : [`${valid} left`]),
  ];
  const notes = [...marks, ...lifetimes].join(', ');
  return notes === '' ? `${ip}/${prefix}` : `${ip}/${prefix}  ${notes}`;
}

function gatewayLine({ gateway, dns, domains }: InterfaceDetails): string {
  return [
    gateway ?? 'none',
    ...(dns.length === 0 ? [] : [`dns ${dns.join(', ')}`]),
    ...(domains.length === 0 ? [] : [`domains ${domains.join(', ')}`]),
  ].join('   ');
}

/** Only while hooks of the link wait. */
function dampingLines(link: InterfaceDetails): readonly (readonly [string, string])[] {
  // A daemon that was not restarted since the last upgrade does not have it.
  const damping: LinkDamping | undefined = link.damping;
  if (damping === undefined || !damping.damped) return [];
  const wait = spanText(damping.remaining_ms ?? 0);
  return [['damping', `hooks wait ${wait}: ${counted(damping.losses, 'loss', 'losses')} of carrier`]];
}

const leaseLines = (link: InterfaceDetails, now: number): readonly (readonly [string, string])[] =>
  link.leases.map(({ source, addresses, expires_at: expires }) => {
    const left = expires === null ? 'no end' : `${spanText(Date.parse(expires) - now)} left`;
    return ['lease', `${addresses.join(', ')} from ${source}, ${left}`];
  });

function routingLine(routing: RoutingLink | null, now: number): string {
  if (routing === null) return 'not a policy link (routing.policy_rules)';
  const table = routing.table === null ? '' : `table ${routing.table} `;
  const last = routing.last_repair === null ? '' : `, the last ${momentText(routing.last_repair, now)}`;
  const repairs =
    routing.repairs_24h === 0 ? '' : `, ${counted(routing.repairs_24h, 'repair')} in 24 h${last}`;
  return `${table}${routing.state}${repairs}`;
}

/** The latest run of each script, by directory. */
function hookLines(runs: readonly HookRunSummary[], now: number, screen: Screen): readonly string[] {
  const latest = new Map<string, HookRunSummary>();
  for (const run of runs) {
    const key = `${run.directory}/${run.script}`;
    if (!latest.has(key)) latest.set(key, run);
  }
  return [...latest.values()].flatMap((run, at) => {
    const result = `${durationText(run.duration_ms)} ${paintedResult(run, screen.paint)}`;
    const text = `${run.directory}.d/${run.script}  ${result}, ${momentText(run.started_at, now)}`;
    return section(at === 0 ? 'hooks' : '', text, screen);
  });
}

const eventLines = ({ last_events: events }: InterfaceDetails, screen: Screen): readonly string[] =>
  events.flatMap(({ timestamp, action, seq }, at) => {
    const [first = '', ...more] = section(
      at === 0 ? 'latest' : '',
      `${clockText(timestamp)}  ${action}`,
      screen,
    );
    return [...spread(first, screen.paint.dim(`#${seq}`), 13, screen), ...more];
  });
