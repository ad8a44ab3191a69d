/** The log lines about what netevd changed: rules, routes, DNS servers, domains, the host name. */
import type { ResolverCall, ResolverOutcome } from '../../core/resolver/call.ts';
import type { RoutingEffect, RoutingOutcome } from '../../core/routing/plan/routing-effect.ts';
import {
  describeRoute,
  describeRule,
  describeTable,
  type LinkNameOf,
} from '../../core/routing/report/labels.ts';
import type { EntryDraft } from './entry-drafts.ts';

/** Returns one line for each rule or route that was added or removed. Failures are notices, which are logged once. */
export function routingDrafts(outcomes: readonly RoutingOutcome[], nameOf: LinkNameOf): EntryDraft[] {
  return outcomes
    .filter(({ result }) => result.kind === 'done')
    .map(({ effect }) => {
      const table = tableOf(effect);
      return {
        topic: 'repair',
        key: `routing/${table}`,
        unit: unitOf(effect),
        line: {
          level: 'info',
          message: `table ${table}: ${effectText(effect, nameOf)}`,
          fields: { component: 'routing', table, action: effect.kind, messageId: 'routingChanged' },
        },
      };
    });
}

const tableOf = (effect: RoutingEffect): string =>
  describeTable('rule' in effect ? effect.rule.table : effect.route.table);

function unitOf({ kind }: RoutingEffect): string {
  const verb = kind.startsWith('add') ? 'added' : 'removed';
  return kind.endsWith('Rule') ? `rules ${verb}` : `routes ${verb}`;
}

function effectText(effect: RoutingEffect, nameOf: LinkNameOf): string {
  const verb = effect.kind.startsWith('add') ? 'added' : 'removed';
  if ('rule' in effect) return `${verb} rule ${effect.rule.priority}: ${describeRule(effect.rule)}`;
  return `${verb} route ${describeRoute(effect.route, nameOf)}`;
}

/** Returns one line for each setting that a service accepted. Failures are notices, which are logged once. */
export function resolverDrafts(outcomes: readonly ResolverOutcome[]): EntryDraft[] {
  return outcomes
    .filter(({ result }) => result.kind === 'done')
    .map(({ call }) => {
      const subject = 'link' in call ? call.link.name : 'host';
      return {
        topic: 'repair',
        key: `resolver/${subject}`,
        unit: 'settings changed',
        line: {
          level: 'info',
          message: `${subject}: ${callText(call)}`,
          fields: {
            component: 'resolver',
            action: call.kind,
            messageId: 'nameResolutionChanged',
            ...('link' in call && { interface: call.link.name }),
          },
        },
      };
    });
}

function callText(call: ResolverCall): string {
  switch (call.kind) {
    case 'setLinkDns':
      return `DNS servers set to ${listText(call.servers)}`;
    case 'setLinkDomains':
      return `search domains set to ${listText(call.domains)}`;
    case 'revertLink':
      return 'DNS settings reverted';
    case 'setHostname':
      return `host name set to ${call.name}`;
    case 'resetHostname':
      return call.to === '' ? 'host name reset' : `host name reset to ${call.to}`;
  }
}

const listText = (values: readonly string[]): string => (values.length === 0 ? 'none' : values.join(' '));
