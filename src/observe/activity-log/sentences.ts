/** The sentences of the story: what happened to a link, as one would tell it to somebody who was woken up for it. */

import type { HookOutcome, HookRun } from '../../core/hooks/hook-run.ts';
import type { Change } from '../../core/model/change.ts';
import type { NetworkEvent, RouteDelta } from '../../core/model/event.ts';
import { type AddressObject, ReservedTable, type RouteObject } from '../../core/model/kernel-objects.ts';
import { hasCarrier, type OperationalState, operationalStates } from '../../core/model/vocabulary.ts';

/** `eth0`, or `host` for what is about no link. */
export const whose = (link: { readonly name: string } | undefined): string => link?.name ?? 'host';

/** `carrier lost (routable → no-carrier)` */
export function transitionText(from: string | undefined, to: string): string {
  if (!isOperational(to)) return from === undefined ? to : `${from} → ${to}`;
  if (from === undefined || !isOperational(from)) return to;
  return `${verb(from, to)} (${from} → ${to})`;
}

function verb(from: OperationalState, to: OperationalState): string {
  if (to === 'off') return 'switched off';
  if (to === 'missing') return 'gone';
  if (hasCarrier(from) && !hasCarrier(to)) return 'carrier lost';
  if (!hasCarrier(from) && hasCarrier(to)) return 'carrier gained';
  if (to === 'routable') return 'routable';
  if (from === 'routable') return 'no longer routable';
  return from === 'off' ? 'switched on' : to;
}

/** Whether this is a word for an operational state. */
export const isOperational = (state: string): state is OperationalState =>
  (operationalStates as readonly string[]).includes(state);

/** `192.168.1.100/24` */
export const addressText = ({ address, prefixLength }: AddressObject): string => `${address}/${prefixLength}`;

/** `default route via 192.168.1.1`, `route 10.0.0.0/8`, with the table where it is not the main one. */
function routeText(route: RouteObject): string {
  const isDefault = route.prefixLength === 0;
  const what = isDefault ? 'default route' : `route ${route.destination}/${route.prefixLength}`;
  const gateways = [...new Set(route.nextHops.map((hop) => hop.gateway))].filter(
    (gateway) => gateway !== undefined,
  );
  const via = gateways.length === 0 ? '' : ` via ${gateways.join(', ')}`;
  const table = route.table === ReservedTable.main ? '' : ` in table ${route.table}`;
  const family = isDefault && route.family === 6 ? 'IPv6 ' : '';
  return `${family}${what}${via}${table}`;
}

/** A delta that changes where packets to everywhere go; the others are details. */
export const isDefaultRoute = ({ route }: RouteDelta): boolean => route.prefixLength === 0;

/** `default via 192.0.2.1 added`. */
export const deltaText = (delta: RouteDelta): string =>
  `${routeText(delta.route)} ${{ new: 'added', del: 'removed', change: 'changed' }[delta.action]}`;

/** What is worth a line and is no event of its own. */
export function changeText(change: Change): string | undefined {
  switch (change.kind) {
    case 'linkRenamed':
      return `is the new name of ${change.from}`;
    case 'ownerChanged':
      return change.to === 'kernel' ? `no longer managed by ${change.from}` : `managed by ${change.to}`;
    case 'leaseChanged':
      return leaseText(change);
    default:
      return undefined;
  }
}

function leaseText({ from, to }: Change & { readonly kind: 'leaseChanged' }): string {
  if (to === undefined) return 'DHCP lease ended';
  const gateway = to.gateways.length === 0 ? '' : `, gateway ${to.gateways.join(' ')}`;
  const dns = to.dns.length === 0 ? '' : `, DNS ${to.dns.join(' ')}`;
  return `DHCP lease ${from === undefined ? 'of' : 'changed to'} ${to.addresses.join(' ')}${gateway}${dns}`;
}

/** `no-carrier.d/10-alert ran, 34 ms, exit 0`; failures say what the script said last. */
export function runText(run: HookRun): string {
  const { outcome } = run;
  const script = run.script === '' ? `${run.directory}.d` : `${run.directory}.d/${run.script}`;
  const again = run.retry ? ' (again after a crash)' : '';
  return `${script}${again} ${outcomeText(outcome, duration(run.duration))}${saidText(run)}`;
}

function outcomeText(outcome: HookOutcome, time: string): string {
  switch (outcome.kind) {
    case 'exited':
      return outcome.code === 0 ? `ran, ${time}, exit 0` : `FAILED: exit ${outcome.code} after ${time}`;
    case 'signalled':
      return `FAILED: ended by ${outcome.signal} after ${time}`;
    case 'timed-out':
      return `TIMED OUT after ${duration(outcome.after)} and ${fate(outcome)}`;
    case 'unseen':
      return 'ran when netevd ended unexpectedly; how it ended is not known, and it is not run again';
    case 'stopped':
      return outcome.abandoned ? 'could not be ended when netevd stopped' : 'was ended because netevd stops';
    case 'refused':
      return `NOT RUN: ${outcome.reason}; to mend it: ${outcome.remedy}`;
    case 'not-started':
      return `COULD NOT START: ${outcome.reason}`;
  }
}

function fate({ killed, abandoned }: HookOutcome & { readonly kind: 'timed-out' }): string {
  if (abandoned) return 'could not be ended, not even by SIGKILL';
  return killed ? 'had to be killed' : 'was ended';
}

/** Lines of a script's output that are told one by one. */
const linesToldOfOutput = 8;

/** What a script that did well has written, a line each, stdout first; of more than a few, how many more there were. */
export function outputTexts(run: HookRun): readonly string[] {
  const isFine = run.outcome.kind === 'exited' && run.outcome.code === 0;
  if (!isFine) return [];
  const lines = [run.stdout, run.stderr]
    .flatMap((text) => text.split(/[\r\n]+/))
    .filter((line) => line.trim() !== '');
  const told = lines
    .slice(0, linesToldOfOutput)
    .map((line) => `${run.directory}.d/${run.script}: ${clipped(line)}`);
  const more = lines.length - told.length;
  const dropped = run.droppedOutput > 0 ? ` and ${run.droppedOutput} bytes that were not kept` : '';
  if (more === 0 && dropped === '') return told;
  return [...told, `${run.directory}.d/${run.script}: … ${more} more lines${dropped}`];
}

/** Characters of a script's words that a line has room for. */
const longestSaying = 160;

function saidText({ outcome, stdout, stderr }: HookRun): string {
  const isFine = outcome.kind === 'exited' && outcome.code === 0;
  const said = isFine ? '' : lastLine(stderr) || lastLine(stdout);
  if (said === '') return '';
  return `; it said: "${clipped(said)}"`;
}

const clipped = (text: string): string =>
  text.length > longestSaying ? `${text.slice(0, longestSaying)}…` : text;

const lastLine = (text: string): string =>
  text
    .trimEnd()
    .split(/[\r\n]/)
    .at(-1)
    ?.trim() ?? '';

/** `34 ms`, `1.2 s`, `3 min` */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${trim(ms / 1000)} s` : `${trim(ms / 60_000)} min`;
}

const trim = (number: number): string => number.toFixed(1).replace(/\.0$/, '');

/** `routable, configured` of the states that one link reached in one step. */
export function statesText(events: readonly NetworkEvent[]): string {
  const [first] = events;
  const last = events.findLast((event) => isOperational(event.state));
  const others = events.filter((event) => !isOperational(event.state)).map((event) => event.state);
  if (last === undefined)
    return events.map((event) => transitionText(event.previousState, event.state)).join(', ');
  const text = transitionText(first?.previousState, last.state);
  return others.length === 0 ? text : `${text}, ${others.join(', ')}`;
}
