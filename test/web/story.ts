/** What happened to the invented host before the page is opened: a night with a pulled cable and a hook that fails. */
import type { ConfigRecord, RepairRecord } from '../../src/client/types.ts';
import { FakeHost, type HostOptions } from './fake-host.ts';

const MINUTE = 60_000;

/** A host with two problems, the newer one three minutes old. */
export function hostInTrouble(options: HostOptions = {}): FakeHost {
  const host = calmHost(options);
  const now = host.now();
  const lost = host.pullCable('wwan0', now - 3 * MINUTE);
  const hook = { directory: 'no-carrier', script: '10-alert', link: 'wwan0', exit: 3, ms: 2304 };
  host.runHook({ ...hook, at: now - 3 * MINUTE + 2400, output: 'alerting on-call about wwan0\n' }, lost);
  host.add<RepairRecord>({
    kind: 'repair',
    event: 'rule',
    link: 'eth1',
    index: 3,
    severity: 'info',
    message: 'rule from 192.0.2.10 lookup 203 in table 203 added',
    object: 'rule',
    action: 'added',
    text: 'from 192.0.2.10 lookup 203',
    table: 203,
    restores: true,
    result: 'done',
    error: null,
    at: now - 2 * MINUTE,
  });
  host.add<ConfigRecord>({
    kind: 'config',
    event: 'reload-refused',
    link: null,
    index: null,
    severity: 'error',
    message: 'reload refused: 2 errors in /etc/netevd/netevd.yaml, keeping the current configuration',
    changed: [],
    problems: 2,
    at: now - 80_000,
  });
  host.changeSource('stale', now - 40_000);
  host.changeSource('current', now - 38_000);
  return host;
}

/** A host on which nothing is wrong. */
export function calmHost(options: HostOptions = {}): FakeHost {
  const host = new FakeHost(options);
  const now = host.now();
  const names = [...host.links.values()].filter(({ watched }) => watched).map(({ name }) => name);
  for (let number = 40; number > 0; number--) {
    const name = names[number % names.length] ?? 'eth0';
    const link = host.link(name);
    const state = link.state;
    const segments = [...link.segments];
    const at = now - number * 37 * MINUTE;
    const since = link.since;
    const event = host.changeState(
      name,
      state,
      'default route via 203.0.113.1 changed (metric 1024 → 100)',
      at,
    );
    link.segments = segments;
    link.since = since;
    if (number % 4 === 0) {
      host.runHook(
        { directory: 'routable', script: '10-log', link: name, exit: 0, ms: 12, at: at + 15 },
        event,
      );
    }
  }
  return host;
}
