import { expect, test } from 'bun:test';
import type { KernelFact, RouteNotification } from '../../core/model/fact.ts';
import { capturedMessages } from '../../testing/netlink-fixtures.ts';
import { HeaderFlag, MessageType } from '../../wire/netlink/constants.ts';
import type { MessageHeader } from '../../wire/netlink/message.ts';
import { decodeNotification, isDynamicMessage, passedOver } from './notification.ts';

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

/** The captured messages of routes with more than eight bits, as if BIRD had made them (`rtm_protocol`, byte 5 of struct rtmsg). */
const ofBird = (): { readonly datagram: Uint8Array; readonly header: MessageHeader }[] =>
  capturedMessages('routes', 'events.hex')
    .filter(({ header }) => header.type === MessageType.newRoute || header.type === MessageType.delRoute)
    .map(({ datagram, header }) => {
      const copy = datagram.slice();
      copy[header.offset + 5] = 12;
      return { datagram: copy, header };
    })
    .filter(({ datagram, header }) => isDynamicMessage(datagram, header.offset));

test('decodeNotification passes over a route of a routing daemon, unless it replaces another one or somebody asks for it', () => {
  const messages = ofBird();
  expect(messages.length).toBeGreaterThan(3);
  for (const { datagram, header } of messages) {
    const decoded = decodeNotification(datagram, header, false);
    if ('ok' in decoded) throw new Error(JSON.stringify(decoded));
    const isReplacement = header.type === MessageType.newRoute && (header.flags & HeaderFlag.replace) !== 0;
    expect(decoded.map(({ fact }) => fact.kind)).toEqual(isReplacement ? ['routeDisplaced'] : []);
    expect(decoded === passedOver).toBe(!isReplacement);
    expect(decodeNotification(datagram, header, true)).not.toBe(passedOver);
  }
});
