/** Routing effects as requests to the kernel. */
import type { RoutingEffect } from '../../core/routing/plan/routing-effect.ts';
import { encodeRouteChange } from '../../wire/netlink/route-request.ts';
import { encodeRuleChange } from '../../wire/netlink/rule-request.ts';

/** The request, acknowledged under `sequence`. Additions are exclusive: nothing is ever replaced. */
export function encodeEffect(effect: RoutingEffect, sequence: number): Uint8Array {
  switch (effect.kind) {
    case 'addRule':
      return encodeRuleChange('add', effect.rule, sequence);
    case 'removeRule':
      return encodeRuleChange('remove', effect.rule, sequence);
    case 'addRoute':
      return encodeRouteChange('add', effect.route, sequence);
    case 'removeRoute':
      return encodeRouteChange('remove', effect.route, sequence);
  }
}

/** Messages one behind the other, as one datagram. */
export function concatenate(messages: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(messages.reduce((sum, message) => sum + message.length, 0));
  let at = 0;
  for (const message of messages) {
    whole.set(message, at);
    at += message.length;
  }
  return whole;
}
