import { expect, test } from 'bun:test';
import type { KernelFact, RouteNotification } from '../../core/model/fact.ts';
import { capturedMessages } from '../../testing/netlink-fixtures.ts';
import { decodeNotification } from './notification.ts';

type RouteObserved = Extract<KernelFact, { readonly kind: 'routeObserved' }>;

/** Captured notifications of routes that were added, replaced and appended. */
function routesObserved(): RouteObserved[] {
  return capturedMessages('routes', 'events.hex').flatMap(({ datagram, header }) => {
    const decoded = decodeNotification(datagram, header);
    if ('ok' in decoded) throw new Error(JSON.stringify(decoded));
    return decoded.map(({ fact }) => fact).filter((fact) => fact.kind === 'routeObserved');
  });
}

const rows: readonly (readonly [string, number, readonly RouteNotification[]])[] = [
  ['0.0.0.0', 0, ['add', 'replace']],
  ['10.0.0.0', 8, ['add', 'append']],
  ['::', 0, ['add', 'replace']],
  // IPv6 ignores the order: the kernel reports `ip route append` as such from the second route on.
  ['2001:db8:10::', 48, ['prepend', 'append']],
];
for (const [destination, length, expected] of rows) {
  test(`decodeNotification reads from the flags how ${destination}/${length} changed: ${expected.join(', ')}`, () => {
    const how = routesObserved()
      .filter(({ route }) => route.destination === destination && route.prefixLength === length)
      .filter(({ route }) => route.protocol === 3 && route.priority % 1024 === 0)
      .map((fact) => fact.how);
    expect(how).toEqual([...expected]);
  });
}
