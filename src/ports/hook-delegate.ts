/** The runner of hooks that root has granted privileges: another process, which may be missing or die. */
import type { DelegatedHook, DelegatedReport } from '../core/hooks/delegation.ts';

export type DelegateResult =
  | { readonly kind: 'ended'; readonly report: DelegatedReport }
  /** Nobody listens, so the hook did not start; `code` is the errno's name. */
  | { readonly kind: 'unreachable'; readonly code: string }
  /** The runner accepted the hook and is gone or silent. */
  | { readonly kind: 'lost' }
  /** The caller gave up waiting. The hook goes on. */
  | { readonly kind: 'abandoned' };

export interface HookDelegate {
  /**
   * Has the hook run and waits for its end. The same hook of the same event runs once, however often this is called: a
   * later call waits for the first run. Never rejects.
   */
  run(hook: DelegatedHook, abort: AbortSignal): Promise<DelegateResult>;
}
