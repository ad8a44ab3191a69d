/** The way of a packet through rules and routes as JSON. */
import type { RouteObject } from '../model/kernel-objects.ts';
import type { Flow } from '../routing/lookup/lookup-input.ts';
import type { LookupResult, LookupVerdict } from '../routing/lookup/lookup-route.ts';
import {
  describeProtocol,
  describeRoute,
  describeRule,
  describeTable,
  type LinkNameOf,
} from '../routing/report/labels.ts';
import type { ExplainAnswer, ExplainRoute, ExplainVerdict } from './types/routing.ts';

export interface Explanation {
  readonly flow: Flow;
  readonly result: LookupResult;
  readonly remarks: readonly string[];
  readonly nameOf: LinkNameOf;
}

export function explainView({ flow, result, remarks, nameOf }: Explanation): ExplainAnswer {
  const { steps, verdict } = result;
  return {
    packet: {
      source: flow.source,
      destination: flow.destination,
      iif: flow.inputInterface ?? null,
      mark: flow.mark,
    },
    steps: steps.map((step) => ({
      priority: step.rule.priority,
      rule: describeRule(step.rule),
      outcome: step.kind,
      ...(step.kind === 'noMatch' ? { reason: step.reason } : {}),
      ...('route' in step && step.route !== undefined ? { route: routeView(step.route, nameOf) } : {}),
    })),
    verdict: verdictView(verdict, nameOf),
    remarks,
    text: verdictText(verdict, nameOf),
  };
}

const routeView = (route: RouteObject, nameOf: LinkNameOf): ExplainRoute => ({
  text: describeRoute(route, nameOf),
  table: route.table,
  protocol: describeProtocol(route.protocol),
  metric: route.priority,
});

function verdictView(verdict: LookupVerdict, nameOf: LinkNameOf): ExplainVerdict {
  const { kind } = verdict;
  const route =
    'route' in verdict && verdict.route !== undefined ? { route: routeView(verdict.route, nameOf) } : {};
  if (kind === 'group') {
    return { kind: 'delivered', ways: [{ link: nameOf(verdict.link), gateway: null, weight: 1 }] };
  }
  if (kind === 'rejected') return { kind, ...route, code: verdict.code };
  if (kind !== 'routed') return { kind, ...route };
  const ways = verdict.nextHops.map(({ ifindex, gateway, weight }) => ({
    link: ifindex === 0 ? null : nameOf(ifindex),
    gateway: gateway ?? null,
    weight,
  }));
  return { kind, ...route, ways };
}

/** The verdict in one sentence. */
function verdictText(verdict: LookupVerdict, nameOf: LinkNameOf): string {
  switch (verdict.kind) {
    case 'routed': {
      const ways = verdict.nextHops.map(({ ifindex, gateway }) => {
        const link = ifindex === 0 ? 'an unknown link' : nameOf(ifindex);
        return gateway === undefined ? `out by ${link}` : `out by ${link} to the gateway ${gateway}`;
      });
      return `${ways.join(', or ')}, by table ${describeTable(verdict.table)}`;
    }
    case 'group':
      return `${verdict.cast} by ${nameOf(verdict.link)}`;
    case 'delivered':
      return 'to this machine itself, or to a group';
    case 'rejected':
      return `rejected; the sender sees ${verdict.code}`;
    case 'unreachable':
      return 'no rule leads to a route; the sender sees ENETUNREACH';
  }
}
