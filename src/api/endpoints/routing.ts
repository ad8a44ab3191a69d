/** `/routing` and `/routing/explain`. */

import type { KernelSnapshot } from '../../core/model/fact.ts';
import type { IfIndex } from '../../core/model/ids.ts';
import type { State } from '../../core/model/state.ts';
import type { LookupInput } from '../../core/routing/lookup/lookup-input.ts';
import { lookupRoute } from '../../core/routing/lookup/lookup-route.ts';
import { parseFlow } from '../../core/routing/lookup/parse-flow.ts';
import { remarksOn } from '../../core/routing/lookup/remarks.ts';
import type { LinkNameOf } from '../../core/routing/report/labels.ts';
import { type RoutingReport, routingReport } from '../../core/routing/report/routing-report.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { explainView } from '../../core/view/explain-view.ts';
import { timeText } from '../../core/view/link-view.ts';
import { routingLinkView } from '../../core/view/routing-view.ts';
import type { RoutingLink } from '../../core/view/types/routing.ts';
import type { ApiContext } from '../context.ts';
import { type ApiEndpoint, get } from '../endpoint.ts';
import { mark, required, text } from '../parameters.ts';
import { problem } from '../problem.ts';
import { quote } from '../query.ts';

const routing = get('/api/v1/routing', 'read', {}, (context) => {
  const snapshot = context.snapshot();
  const report = reportOf(snapshot);
  if (report === undefined) {
    const headers = { 'retry-after': '1' };
    return problem(503, 'NETEVD_API_BUSY', 'the kernel has not been read yet', null, headers);
  }
  const { protocol, priorities, leftovers } = report;
  return { protocol, priorities, links: routingLinks(context, snapshot), leftovers };
});

/** The links of policy routing, with how they are now. */
export function routingLinks(context: ApiContext, snapshot: Snapshot): readonly RoutingLink[] {
  const now = context.clock.wall();
  return (reportOf(snapshot)?.links ?? []).map((link) => {
    const { count, latest } = context.tracker.repairsOf(link.link, now);
    return routingLinkView(link, { repairs_24h: count, last_repair: timeText(latest) });
  });
}

function reportOf(snapshot: Snapshot): RoutingReport | undefined {
  const status = snapshot.routing();
  return status === undefined ? undefined : routingReport(status, nameIn(snapshot.state));
}

/** The user whose packets are followed: root, whom rules by uidrange(8) leave out most. */
const asRoot = 0;

const explain = get(
  '/api/v1/routing/explain',
  'read',
  { src: required(text), dst: required(text), iif: text, mark },
  (context, { query: { src, dst, iif, mark: firewallMark } }) => {
    const { state } = context.snapshot();
    const parsed = parseFlow({ source: src, destination: dst, iif, mark: firewallMark }, asRoot);
    if (!parsed.ok) return problem(400, 'NETEVD_API_QUERY', parsed.problem);
    const input = lookupInput(state);
    if (iif !== undefined && !input.links.some(({ name }) => name === iif)) {
      return problem(400, 'NETEVD_API_QUERY', `there is no link ${quote(iif)}`);
    }
    const { flow } = parsed;
    const result = lookupRoute(flow, input);
    return explainView({ flow, result, remarks: remarksOn(flow, result, input), nameOf: nameIn(state) });
  },
);

const nameIn =
  (state: State): LinkNameOf =>
  (index: IfIndex) =>
    state.kernel.links.get(index)?.object.name ?? `if${index}`;

type Known = LookupInput & Pick<KernelSnapshot, 'links' | 'addresses'>;

/** The kernel's objects as lists; made once for each state that somebody asks about. */
function lookupInput(state: State): Known {
  const { kernel } = state;
  const known = inputs.get(kernel);
  if (known !== undefined) return known;
  const links = [...kernel.links.values()];
  const input: Known = {
    links: links.map(({ object }) => object),
    addresses: links.flatMap(({ addresses }) => [...addresses.values()]),
    routes: [...kernel.routes.values()].flat(),
    rules: [...kernel.rules.values()].flatMap(({ rule, count }) => Array.from({ length: count }, () => rule)),
  };
  inputs.set(kernel, input);
  return input;
}

const inputs = new WeakMap<State['kernel'], Known>();

export const routingEndpoints: readonly ApiEndpoint[] = [routing, explain];
