/** Policy routing and the way of a packet, as the page shows them. Pure. */
import type {
  ExplainAnswer,
  ExplainStep,
  RoutingFamily,
  RoutingLink,
  RoutingPiece,
} from '../../client/types.ts';
import type { StateClass } from './link-state.ts';

export interface RoutingCount {
  readonly wanted: number;
  readonly found: number;
}

/** How many rules and routes should be there, and how many are. */
export function countPieces({ families }: RoutingLink): RoutingCount {
  const pieces = families.flatMap(({ rules, routes }) => [...rules, ...routes]);
  return { wanted: pieces.length, found: pieces.filter(({ present }) => present).length };
}

/** What is missing, in iproute2's words, with the kernel's reason. */
export const missingPieces = ({ families }: RoutingLink): readonly RoutingPiece[] =>
  families.flatMap(({ rules, routes }) => [...rules, ...routes].filter(({ present }) => !present));

/** Shape and colour of a link's state. */
export function routingClass({ state, contested }: RoutingLink): StateClass {
  if (state === 'active') return contested ? 'partial' : 'good';
  if (state === 'down' || state === 'absent' || state === 'waiting for address') return 'off';
  return state === 'waiting for gateway' ? 'partial' : 'bad';
}

/** `192.0.2.1, from the lease of dhclient`. */
export function gatewayText({ gateway }: RoutingFamily): string {
  if (gateway === null) return 'no gateway known';
  const via = gateway.via.length === 0 ? 'no gateway needed' : gateway.via.join(', ');
  return `${via} (${gateway.from})`;
}

/** Steps of an explanation that are about this packet, and how many are not. */
export function relevantSteps({ steps }: ExplainAnswer): {
  readonly steps: readonly ExplainStep[];
  readonly others: number;
} {
  const relevant = steps.filter(({ outcome }) => outcome !== 'noMatch');
  return { steps: relevant, others: steps.length - relevant.length };
}

const outcomes: Readonly<Record<string, string>> = {
  noMatch: 'is about other packets',
  noRoute: 'has no route',
  suppressed: 'is too general',
  thrown: 'passes it on',
  passed: 'goes on',
  decides: 'decides',
};

/** What a rule did with the packet: `decides: default via 192.0.2.1 dev eth1`. */
export function stepText({ outcome, route, reason }: ExplainStep): string {
  const word = outcomes[outcome] ?? outcome;
  if (route !== undefined) return `${word}: ${route.text}`;
  return reason === undefined ? word : `${word}: ${reason}`;
}
