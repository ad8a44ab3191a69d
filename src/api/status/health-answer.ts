/** Whether the daemon does its work. */

import { sourceFreshness } from '../../core/view/source-freshness.ts';
import type { Health } from '../../core/view/types/status.ts';
import type { ApiContext } from '../context.ts';

/**
 * Each check is `ok`, `absent` where nobody asked for it, or a sentence. A refused configuration file and a history in
 * memory are said, and do not make the daemon unhealthy: it does its work all the same, and a restart would not help.
 */
export function healthAnswer(context: ApiContext): Health {
  const snapshot = context.snapshot();
  const freshness = sourceFreshness(snapshot.state);
  const { backend } = context.settings();
  const netlink =
    freshness.kernel === 'current' || freshness.kernel === 'reading' ? 'ok' : 'the kernel cannot be read';
  const dbus = busCheck(context, backend);
  const manager = backendCheck(freshness, backend);
  const history = context.history.health();
  const checks: Health['checks'] = {
    netlink: snapshot.isReady ? netlink : 'the kernel has not been read yet',
    dbus,
    config:
      context.tracker.refusedReload === undefined ? 'ok' : 'the file has errors; the one before is in effect',
    backend: manager,
    history: history.ok ? 'ok' : `in memory alone: ${history.text}`,
  };
  const isHealthy = [checks.netlink, dbus, manager].every((check) => check === 'ok' || check === 'absent');
  return { status: isHealthy ? 'healthy' : 'unhealthy', checks };
}

/** Only a manager that is configured by name needs the bus. */
function busCheck(context: ApiContext, backend: string): string {
  const isConnected = context.isBusConnected();
  if (isConnected === true) return 'ok';
  const needsBus = backend === 'systemd-networkd' || backend === 'NetworkManager';
  return needsBus ? 'the system bus cannot be reached' : 'absent';
}

function backendCheck(freshness: Readonly<Record<string, string>>, backend: string): string {
  if (backend === 'auto' || backend === 'kernel') return 'ok';
  const state = freshness[backend];
  if (state === 'current' || state === 'reading') return 'ok';
  return state === 'stale' ? `${backend} does not answer` : `${backend} is not running`;
}
