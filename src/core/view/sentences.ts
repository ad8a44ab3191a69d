/** Short sentences for the activity log. */

import { type HookOutcome, type HookRun, succeeded } from '../hooks/hook-run.ts';
import type { Change } from '../model/change.ts';
import type { NetworkEvent, RouteDelta } from '../model/event.ts';
import { type AddressObject, ReservedTable, type RouteObject } from '../model/kernel-objects.ts';
import { hasCarrier, type OperationalState, operationalStates } from '../model/vocabulary.ts';

/** `eth0`, or `host` if there is no link. */
export const linkOrHost = (link: { readonly name: string } | undefined): string => link?.name ?? 'host';

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

/** Whether this is the name of an operational state. */
export const isOperational = (state: string): state is OperationalState =>
  (operationalStates as readonly string[]).includes(state);

/** `192.168.1.100/24` */
export const addressText = ({ address, prefixLength }: AddressObject): string => `${address}/${prefixLength}`;

/** `default route via 192.168.1.1`, `route 10.0.0.0/8`, with the table unless it is the main one. */
function routeText(route: RouteObject): string {
  const isDefault = route.prefixLength === 0;
  const subject = isDefault ? 'default route' : `route ${route.destination}/${route.prefixLength}`;
  const gateways = [...new Set(route.nextHops.map((hop) => hop.gateway))].filter(
    (gateway) => gateway !== undefined,
  );
  const via = gateways.length === 0 ? '' : ` via ${gateways.join(', ')}`;
  const table = route.table === ReservedTable.main ? '' : ` in table ${route.table}`;
  const family = isDefault && route.family === 6 ? 'IPv6 ' : '';
  return `${family}${subject}${via}${table}`;
}

/** Whether the route is a default route. */
export const isDefaultRoute = ({ route }: RouteDelta): boolean => route.prefixLength === 0;

/** `default via 192.0.2.1 added`. */
export const deltaText = (delta: RouteDelta): string =>
  `${routeText(delta.route)} ${{ new: 'added', del: 'removed', change: 'changed' }[delta.action]}`;

/** Describes the changes that are logged although no event reports them. */
export function changeText(change: Change): string | undefined {
  switch (change.kind) {
    case 'linkRenamed':
      return `renamed from ${change.from}`;
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

/** `no-carrier.d/10-alert: exit 0 after 34 ms`. */
export function runText(run: HookRun): string {
  const retry = run.retry ? ' (retry after a crash)' : '';
  return `${scriptName(run)}${retry}: ${outcomeText(run.outcome, duration(run.duration))}`;
}

/** `no-carrier.d/10-alert`, or the directory if the whole directory was refused. */
const scriptName = ({ directory, script }: HookRun): string =>
  script === '' ? `${directory}.d` : `${directory}.d/${script}`;

function outcomeText(outcome: HookOutcome, time: string): string {
  switch (outcome.kind) {
    case 'exited':
      return `exit ${outcome.code} after ${time}`;
    case 'signalled':
      return `killed by ${outcome.signal} after ${time}`;
    case 'timed-out':
      return `timed out after ${duration(outcome.after)}, ${endText(outcome)}`;
    case 'unseen':
      return 'ended while netevd was not running; exit code unknown, not run again';
    case 'stopped':
      return outcome.abandoned ? 'did not end when netevd stopped' : 'terminated because netevd stops';
    case 'refused':
      return `refused: ${outcome.reason}; fix: ${outcome.remedy}`;
    case 'not-started':
      return `cannot start: ${outcome.reason}`;
  }
}

function endText({ killed, abandoned }: HookOutcome & { readonly kind: 'timed-out' }): string {
  if (abandoned) return 'not even SIGKILL ended it';
  return killed ? 'ended by SIGKILL' : 'ended by SIGTERM';
}

/** How many lines of a script's output are logged. */
const maxOutputLines = 8;

/**
 * Returns the logged output of a script, stdout first: the first lines if it succeeded, the last lines if it
 * failed, and how many lines were omitted.
 */
export function outputTexts(run: HookRun): readonly string[] {
  const lines = [run.stdout, run.stderr]
    .flatMap((text) => text.split(/[\r\n]+/))
    .filter((line) => line.trim() !== '');
  const logged = succeeded(run) ? lines.slice(0, maxOutputLines) : lines.slice(-maxOutputLines);
  const texts = logged.map((line) => `${scriptName(run)}: ${clipped(line)}`);
  const omitted = omittedText(lines.length - logged.length, run.droppedOutput);
  if (omitted === '') return texts;
  const note = `${scriptName(run)}: ${omitted} omitted`;
  return succeeded(run) ? [...texts, note] : [note, ...texts];
}

function omittedText(lines: number, bytes: number): string {
  const parts = [lines > 0 ? `${lines} lines` : '', bytes > 0 ? `${bytes} bytes` : ''];
  return parts.filter((part) => part !== '').join(' and ');
}

/** Characters of one line of output that are logged. */
const maxLineLength = 160;

const clipped = (text: string): string =>
  text.length > maxLineLength ? `${text.slice(0, maxLineLength)}…` : text;

/** `34 ms`, `1.2 s`, `3 min` */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${trim(ms / 1000)} s` : `${trim(ms / 60_000)} min`;
}

const trim = (number: number): string => number.toFixed(1).replace(/\.0$/, '');

/** Describes the states that one link reached in one step: `routable, configured`. */
export function statesText(events: readonly NetworkEvent[]): string {
  const [first] = events;
  const last = events.findLast((event) => isOperational(event.state));
  const others = events.filter((event) => !isOperational(event.state)).map((event) => event.state);
  if (last === undefined)
    return events.map((event) => transitionText(event.previousState, event.state)).join(', ');
  const text = transitionText(first?.previousState, last.state);
  return others.length === 0 ? text : `${text}, ${others.join(', ')}`;
}
