/** Describes an event in one line without link and time, and classifies its severity. */
import type { NetworkEvent } from '../model/event.ts';
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
      return 'warning';
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
