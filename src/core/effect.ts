/**
 * Effects: what comes out of a step of the engine, as plain data. One entry of `EffectPayloads` is one effect; the
 * compiler then demands a handler for it (`daemon/loop.ts`).
 */
import type { Activity } from './activity.ts';
import type { HookRunOrder } from './hooks/hook-order.ts';
import type { ResolverCall } from './resolver/call.ts';
import type { ResyncRequest } from './resync/kernel-resync.ts';
import type { RoutingEffect } from './routing/plan/routing-effect.ts';

export interface EffectPayloads {
  /** Write to the journal what must outlive the process, then publish to the observers. */
  publish: { readonly activity: Activity };
  /** Run the hooks of one event. Answered by `hookRunEnded` for each script and one `hooksFinished`. */
  runHooks: { readonly order: HookRunOrder };
  /** Dump the kernel's objects. Answered by facts. */
  readKernel: { readonly request: ResyncRequest };
  /** Read systemd-networkd again: it has not reported a loss of carrier that the kernel reported. Answered by facts. */
  readNetworkd: object;
  /** Change rules and routes, in this order. Answered by `routingFinished`. */
  changeRouting: { readonly effects: readonly RoutingEffect[] };
  /** Call systemd-resolved, systemd-networkd and systemd-hostnamed. Answered by `resolverFinished`. */
  callResolver: { readonly calls: readonly ResolverCall[] };
}

export type EffectKind = keyof EffectPayloads;

/** To be carried out in the order given: a finding is in the journal before its hooks start. */
export type Effect = { [K in EffectKind]: { readonly kind: K } & EffectPayloads[K] }[EffectKind];
