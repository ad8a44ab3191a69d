/** Effects of policy routing on the kernel, and their outcomes, as plain data. */
import type { IfIndex } from '../../model/ids.ts';
import type { RouteObject, RuleObject } from '../../model/kernel-objects.ts';

/**
 * Each contains the whole object. All may be repeated: "already exists" and "already gone" count as success.
 */
export type RoutingEffect = (
  | { readonly kind: 'addRule'; readonly rule: RuleObject }
  | { readonly kind: 'removeRule'; readonly rule: RuleObject }
  | { readonly kind: 'addRoute'; readonly route: RouteObject }
  | { readonly kind: 'removeRoute'; readonly route: RouteObject }
) & {
  /** The link whose policy routing another program has damaged: the effect restores a part of it. */
  readonly repairs?: IfIndex;
};

/** `code` is the name of the errno (EEXIST …), `text` the kernel's explanation if it gave one. */
export type RoutingResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly code: string; readonly text?: string };

export interface RoutingOutcome {
  readonly effect: RoutingEffect;
  readonly result: RoutingResult;
}
