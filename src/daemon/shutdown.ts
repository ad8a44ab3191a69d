/** The orderly end of the daemon: starts no hook, gives running ones their grace period, removes routing if configured. */

import { enginePolicy } from '../config/engine-policy.ts';
import type { Config } from '../config/index.ts';
import { millis } from '../core/model/ids.ts';
import { withoutLinks } from '../core/routing/policy.ts';
import type { HookRunner } from '../effects/hooks/hook-runner.ts';
import type { Notifier } from '../observe/notify.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Loop } from './loop.ts';

/** Timeout for the removal of rules and routes. */
const withdrawalTimeout = millis(3000);

export interface ShutdownParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly notifier: Notifier;
  readonly loop: Loop;
  readonly hooks: HookRunner;
  readonly config: Config;
}

/** Resolves when nothing that the daemon started runs any more. The caller then disposes of the parts. */
export async function shutDown(parts: ShutdownParts): Promise<void> {
  const { log, notifier, loop, hooks, config } = parts;
  const { killGrace } = config.hooks;
  notifier.stopping('stopping');
  loop.pauseHooks();
  const { running } = hooks;
  const count = running === 1 ? '1 running hook has' : `${running} running hooks have`;
  log.info(running === 0 ? 'stopping' : `stopping: ${count} ${killGrace / 1000} s to end`, {
    messageId: 'daemonStopping',
    runningHooks: running,
  });
  notifier.extendTimeout(millis(2 * killGrace + withdrawalTimeout));
  await hooks.stop(killGrace);
  if (config.routing.onStop === 'remove') await withdrawRouting(parts);
}

/** Removes netevd's rules and routes, and waits for the outcomes with a timeout. */
async function withdrawRouting({ clock, loop, config }: ShutdownParts): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  using _timer = clock.schedule(withdrawalTimeout, resolve);
  const policy = enginePolicy(config);
  loop.configure({ ...policy, routing: withoutLinks(policy.routing) });
  await Promise.race([late, loop.until(() => loop.isRoutingIdle)]);
}
