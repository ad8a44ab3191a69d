/** Describes an event in one line without link and time, and classifies its severity. */
import type { NetworkEvent } from '../model/event.ts';
import { textOf } from '../model/transition.ts';
import { hasCarrier } from '../model/vocabulary.ts';
import { deltaText, isDefaultRoute, isOperational, transitionText } from './sentences.ts';
import type { Severity } from './types/vocabulary.ts';

/** `carrier lost (routable → no-carrier)`, `address 192.0.2.1 added`. */
export function eventSentence(event: NetworkEvent): string {
  const { directory, state, previousState } = event;
  switch (directory) {
    case 'link-added':
      return `appeared (${state})`;
    case 'link-removed':
      return `gone (was ${previousState ?? 'unknown'})`;
    case 'address-added':
    case 'address-removed':
      return `address ${(event.changedAddresses ?? []).join(', ')} ${directory.slice('address-'.length)}`;
    case 'damped':
      return 'damped: it loses its carrier too often, its hooks wait';
    case 'undamped':
      return `no longer damped (${state})`;
    case 'renamed':
      return `renamed from ${sideText(event, 'before', 'link')}`;
    case 'address-changed':
      return `addresses ${bothSides(event, 'addresses')}`;
    case 'gateway':
      return `${familyText(event)} gateway ${bothSides(event, 'gateway')}`;
    case 'dns':
      return `DNS ${bothSides(event, 'dns')}, domains ${bothSides(event, 'domains')}`;
    case 'lease':
      return leaseText(event);
    case 'prefix':
      return `delegated prefix ${event.name}: ${bothSides(event, 'prefixes')}`;
    case 'default-route':
      return `${familyText(event)} default route ${event.name}: ${wayOut(event, 'before')} → ${wayOut(event, 'after')}`;
    case 'online':
    case 'offline':
      return `host is ${directory}`;
    case 'mtu':
      return 'MTU changed';
    case 'routes':
      return routesText(event);
    case 'manager':
      return `host ${transitionText(previousState, state)}`;
    default:
      return transitionText(previousState, state);
  }
}

type Side = 'before' | 'after';

const sideText = ({ transition }: NetworkEvent, side: Side, key: string): string =>
  textOf(transition?.[side]?.[key]) || 'none';

/** `192.0.2.1 → 192.0.2.9`; the value alone if it is the same on both sides. */
function bothSides(event: NetworkEvent, key: string): string {
  const [before, after] = [sideText(event, 'before', key), sideText(event, 'after', key)];
  return before === after ? after : `${before} → ${after}`;
}

const familyText = ({ transition }: NetworkEvent): string => `IPv${transition?.family ?? ''}`;

/** `DHCPv4 lease changed: addresses 192.0.2.9 → 192.0.2.10, dns 192.0.2.53 → none`. */
function leaseText(event: NetworkEvent): string {
  const title = `DHCPv${event.transition?.family ?? ''} lease ${event.name}`;
  const keys = (event.transition?.changed ?? []).filter((key) => key !== 'lease');
  const shown = keys.length === 0 ? ['addresses'] : keys;
  return `${title}: ${shown.map((key) => `${key.replace('_', ' ')} ${bothSides(event, key)}`).join(', ')}`;
}

/** `eth0 via 192.0.2.1`. */
function wayOut(event: NetworkEvent, side: Side): string {
  if (event.transition?.[side] == null) return 'none';
  return `${sideText(event, side, 'link')} via ${sideText(event, side, 'gateway')}`;
}

/** How many routes the sentence lists. */
const maxRoutes = 3;

function routesText({ routesDelta = [] }: NetworkEvent): string {
  const texts = routesDelta.slice(0, maxRoutes).map(deltaText);
  const more = routesDelta.length - texts.length;
  return more > 0 ? `${texts.join(', ')} and ${more} more` : texts.join(', ');
}

/** Returns `warning` if the network got worse: carrier, address, default route or link lost. */
export function eventSeverity(event: NetworkEvent): Severity {
  const { directory, state, previousState, routesDelta = [] } = event;
  if (event.initial) return 'info';
  switch (directory) {
    case 'link-removed':
    case 'address-removed':
    case 'failed':
    case 'offline':
    case 'damped':
      return 'warning';
    case 'default-route':
      return event.name === 'lost' ? 'warning' : 'info';
    case 'lease':
    case 'prefix':
      return event.name === 'expired' ? 'warning' : 'info';
    case 'routes':
      return routesDelta.some((delta) => delta.action === 'del' && isDefaultRoute(delta))
        ? 'warning'
        : 'info';
    default:
      return previousState !== undefined && losesCarrier(previousState, state) ? 'warning' : 'info';
  }
}

const losesCarrier = (from: string, to: string): boolean =>
  isOperational(from) && isOperational(to) && hasCarrier(from) && !hasCarrier(to);
