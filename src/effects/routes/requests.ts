/** Encodes routing effects as requests to the kernel. */
import type { RoutingEffect } from '../../core/routing/plan/routing-effect.ts';
import { encodeRouteChange } from '../../wire/netlink/route-request.ts';
import { encodeRuleChange } from '../../wire/netlink/rule-request.ts';

/**
 * Encodes a request that is acknowledged under `sequence`. Additions are exclusive: they never replace
 * anything.
 */
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

/** Joins messages into one datagram. */
export function concatenate(messages: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(messages.reduce((sum, message) => sum + message.length, 0));
  let at = 0;
  for (const message of messages) {
    whole.set(message, at);
    at += message.length;
  }
  return whole;
}
