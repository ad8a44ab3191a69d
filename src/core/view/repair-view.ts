/** Renders a change that netevd made, or failed to make, as JSON. */
import type { RoutingChanged } from '../activity.ts';
import type { ResolverCall, ResolverOutcome } from '../resolver/call.ts';
import type { RoutingEffect } from '../routing/plan/routing-effect.ts';
import { describeRoute, describeRule, describeTable, type LinkNameOf } from '../routing/report/labels.ts';
import type { RepairRecord } from './types/records.ts';

/** A repair record without the fields that every record has. */
type RepairBody = Omit<RepairRecord, 'schema' | 'id' | 'seq' | 'ts'>;

/** Renders a change of a rule or a route. The text is in the syntax of iproute2. */
export function routingRepair({ outcome, causedBy }: RoutingChanged, nameOf: LinkNameOf): RepairBody {
  const { effect, result } = outcome;
  const object = 'rule' in effect ? 'rule' : 'route';
  const table = 'rule' in effect ? effect.rule.table : effect.route.table;
  const action = effect.kind.startsWith('add') ? 'added' : 'removed';
  const text = routingText(effect, nameOf);
  const failed = result.kind === 'failed';
  const verb = failed ? `cannot be ${action} (${result.code})` : action;
  return {
    kind: 'repair',
    event: object,
    link: linkOf(effect, nameOf),
    index: null,
    severity: failed ? 'error' : 'info',
    message: `${object} ${text} in table ${describeTable(table)} ${verb}`,
    caused_by: causedBy ?? null,
    object,
    action,
    text,
    table,
    restores: effect.repairs !== undefined,
    result: failed ? 'failed' : 'done',
    error: failed ? { code: result.code, text: result.text ?? null } : null,
  };
}

const routingText = (effect: RoutingEffect, nameOf: LinkNameOf): string =>
  'rule' in effect ? describeRule(effect.rule) : describeRoute(effect.route, nameOf);

/** Returns the link of a route, or of what is restored; null for another rule. */
function linkOf(effect: RoutingEffect, nameOf: LinkNameOf): string | null {
  const ofRoute = 'route' in effect ? effect.route.nextHops[0]?.ifindex : undefined;
  const index = effect.repairs ?? ofRoute;
  return index === undefined || index === 0 ? null : nameOf(index);
}

/** Renders a change of name resolution or the host name. */
export function resolverRepair({ call, result }: ResolverOutcome): RepairBody {
  const { object, action, text } = subjectOf(call);
  const failed = result.kind === 'failed';
  const value = text === '' ? '' : ` to ${text}`;
  return {
    kind: 'repair',
    event: object,
    link: 'link' in call ? call.link.name : null,
    index: 'link' in call ? call.link.index : null,
    severity: failed ? 'error' : 'info',
    message: failed
      ? `${object} cannot be ${action}${value} (${result.error})`
      : `${object} ${action}${value}`,
    caused_by: null,
    object,
    action,
    text,
    table: null,
    restores: false,
    result: failed ? 'failed' : 'done',
    error: failed ? { code: result.error, text: result.text } : null,
  };
}

function subjectOf(call: ResolverCall): Pick<RepairRecord, 'object' | 'action' | 'text'> {
  switch (call.kind) {
    case 'setLinkDns':
      return { object: 'dns', action: 'set', text: call.servers.join(' ') };
    case 'setLinkDomains':
      return { object: 'domains', action: 'set', text: call.domains.join(' ') };
    case 'revertLink':
      return { object: 'dns', action: 'reverted', text: '' };
    case 'setHostname':
      return { object: 'hostname', action: 'set', text: call.name };
    case 'resetHostname':
      return { object: 'hostname', action: 'reverted', text: call.to };
  }
}
