/** An effect as the command of iproute2 that does the same. */

import type { RoutingEffect } from '../plan/routing-effect.ts';
import { describeProtocol, describeRoute, describeRule, describeTable, type LinkNames } from './labels.ts';

/** Can be typed at a shell; `nameOf` names the links as they are called now. */
export function effectCommand(effect: RoutingEffect, nameOf: LinkNames): string {
  const verb = effect.kind === 'addRule' || effect.kind === 'addRoute' ? 'add' : 'del';
  if ('rule' in effect) {
    const { rule } = effect;
    const words = `priority ${rule.priority} ${describeRule(rule)} protocol ${describeProtocol(rule.protocol)}`;
    return `ip -${rule.family} rule ${verb} ${words}`;
  }
  const { route } = effect;
  const table = `table ${describeTable(route.table)} protocol ${describeProtocol(route.protocol)}`;
  return `ip -${route.family} route ${verb} ${describeRoute(route, nameOf)} ${table}`;
}
