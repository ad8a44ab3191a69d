/** Formats an effect as the equivalent command of iproute2. */

import type { RoutingEffect } from '../plan/routing-effect.ts';
import { describeProtocol, describeRoute, describeRule, describeTable, type LinkNameOf } from './labels.ts';

/** Returns a shell command; `nameOf` returns the current names of links. */
export function effectCommand(effect: RoutingEffect, nameOf: LinkNameOf): string {
  const verb = effect.kind === 'addRule' || effect.kind === 'addRoute' ? 'add' : 'del';
  if ('rule' in effect) {
    const { rule } = effect;
    const selectors = `priority ${rule.priority} ${describeRule(rule)} protocol ${describeProtocol(rule.protocol)}`;
    return `ip -${rule.family} rule ${verb} ${selectors}`;
  }
  const { route } = effect;
  const table = `table ${describeTable(route.table)} protocol ${describeProtocol(route.protocol)}`;
  return `ip -${route.family} route ${verb} ${describeRoute(route, nameOf)} ${table}`;
}
