/** What policy routing does to the kernel, as plain data, and how it went. */
import type { RouteObject, RuleObject } from '../../model/kernel-objects.ts';

/** Each carries the whole object. All may be repeated: "already so" is success. */
export type RoutingEffect =
  | { readonly kind: 'addRule'; readonly rule: RuleObject }
  | { readonly kind: 'removeRule'; readonly rule: RuleObject }
  | { readonly kind: 'addRoute'; readonly route: RouteObject }
  | { readonly kind: 'removeRoute'; readonly route: RouteObject };

/** `code` is the errno's name (EEXIST …), `text` the kernel's own explanation where it gave one. */
export type RoutingResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly code: string; readonly text?: string };

export interface RoutingOutcome {
  readonly effect: RoutingEffect;
  readonly result: RoutingResult;
}
