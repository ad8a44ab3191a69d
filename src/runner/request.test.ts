import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { maxRequestBytes } from '../core/hooks/delegation.ts';
import { encodeRequest } from '../core/hooks/encode-delegation.ts';
import { type HookContext, type HookEvent, hookInput, renderHookEvent } from '../core/hooks/environment.ts';
import type { NetworkEvent } from '../core/model/event.ts';
import type { HookDirectory } from '../core/model/event-table.ts';
import { eventId, ifIndex, seq } from '../core/model/ids.ts';
import { mapOf } from '../core/model/persistent-map.ts';
import type { State } from '../core/model/state.ts';
import {
  ip,
  sampleAddress,
  sampleEvent,
  sampleKernelLink,
  sampleLease,
  sampleNetworkdLink,
  sampleRoute,
  sampleState,
} from '../testing/sample-state.ts';
import { parseRequest } from './request.ts';

const context: HookContext = { home: '/', user: 'netevd', emitJson: true };
const id = eventId('0197f3a0-1111-7222-8333-944444444444/7');
const sample = (over: Partial<NetworkEvent> = {}): NetworkEvent => sampleEvent({ id, seq: seq(7), ...over });

function described(event: NetworkEvent, state: State = sampleState()): HookEvent {
  const input = hookInput({ event, state }, context);
  if (!input.ok) throw new Error(input.problem);
  return input.event;
}

const route = sampleRoute();
const withoutLink = (): NetworkEvent => {
  const { link: _none, ...host } = sample({ directory: 'manager', name: 'manager', state: 'routable' });
  return { ...host, properties: { OnlineState: 'online', Odd: 'a "quoted" text' } };
};

const many = (count: number): State => {
  const addresses = Array.from({ length: count }, (_, i) =>
    sampleAddress(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`),
  );
  return sampleState({
    kernelLinks: [sampleKernelLink({ addresses: mapOf(addresses.map((one) => [one.address, one])) })],
  });
};

const events: readonly (readonly [string, NetworkEvent, State])[] = [
  ['a link', sample(), sampleState()],
  ['a link with networkd', sample(), sampleState({ networkd: [[ifIndex(2), sampleNetworkdLink()]] })],
  ['a link with a lease', sample(), sampleState({ leases: [sampleLease()] })],
  ['a first event', sample({ initial: true, resync: true, previousState: 'carrier' }), sampleState()],
  [
    'addresses',
    sample({
      directory: 'address-added',
      name: 'address-added',
      changedAddresses: [ip('10.0.0.1'), ip('fe80::1')],
    }),
    sampleState(),
  ],
  [
    'routes',
    sample({
      directory: 'routes',
      name: 'change',
      routesDelta: [
        { action: 'change', route, previous: route },
        { action: 'new', route },
      ],
    }),
    sampleState(),
  ],
  ['the host', withoutLink(), sampleState()],
  [
    'a lease',
    sample({
      directory: 'lease',
      name: 'changed',
      transition: {
        changed: ['addresses', 'domain'],
        family: 4,
        before: { addresses: [ip('10.0.0.1')], domain: [], routes: ['10.0.0.0/8 10.0.0.1'], lease: 'a b' },
        after: { addresses: [ip('10.0.0.2')], domain: ['example.com'], hostname: 'host' },
      },
    }),
    sampleState(),
  ],
  [
    'a way out that is gone',
    {
      ...withoutLink(),
      directory: 'default-route',
      name: 'lost',
      transition: { changed: ['link'], family: 6, before: { link: 'eth0', gateway: 'fe80::1' }, after: null },
    },
    sampleState(),
  ],
];

describe('a request', () => {
  test.each(events)(
    'of %s gives the runner the environment and the JSON that the daemon would give',
    (_, event, state) => {
      const sent = described(event, state);
      const { directory } = event;
      const parsed = parseRequest(encodeRequest({ directory, name: '10-x', event: sent }));
      if (!parsed.ok) throw new Error(parsed.problem);
      expect({ ...parsed.hook, event: undefined }).toEqual({
        directory,
        name: '10-x',
        event: undefined,
      } as never);
      expect(renderHookEvent(parsed.hook.event, context, false)).toEqual(
        renderHookEvent(sent, context, false),
      );
    },
  );

  test('of an event that is too large has its lists cut, and says so', () => {
    const line = encodeRequest({
      directory: 'routable',
      name: '10-x',
      event: described(sample(), many(20_000)),
    });
    expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(maxRequestBytes);
    const parsed = parseRequest(line);
    expect(parsed).toMatchObject({ ok: true, hook: { event: { object: { truncated: true } } } });
  });
});

type Plain = { [key: string]: unknown };
const whole = (): Plain =>
  JSON.parse(
    encodeRequest({
      directory: 'routable',
      name: '10-x',
      event: described(
        sample(),
        sampleState({ leases: [sampleLease()], networkd: [[ifIndex(2), sampleNetworkdLink()]] }),
      ),
    }),
  ) as Plain;

/** The request with one value replaced. */
function changed(path: string, value: unknown): string {
  const request = whole();
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let at = request;
  for (const key of keys) at = at[key] as Plain;
  at[last] = value;
  return JSON.stringify(request);
}

describe('parseRequest refuses', () => {
  test.each([
    ['another directory', 'directory', 'carrier'],
    ['a directory that is no event', 'directory', '../../tmp/x'],
    ['a directory of the prototype', 'directory', '__proto__'],
    ['a name with a slash', 'name', '../carrier.d/10-x'],
    ['a name that is a directory', 'name', '..'],
    ['a name with a NUL', 'name', '10-x\0'],
    ['a name with a line break', 'name', '10-x\n--uid=0'],
    ['a name that is an option', 'name', '--uid=0'],
    ['a leftover', 'name', '10-x.dpkg-old'],
    ['a name that is too long', 'name', 'x'.repeat(256)],
    ['a name that is a number', 'name', 10],
    ['a further key', 'environment', { LD_PRELOAD: '/tmp/x.so' }],
    ['an argument', 'argv', ['x']],
    ['a further key of the event', 'event.retry', true],
    ['a further key of the object', 'event.object.LD_PRELOAD', '/tmp/x.so'],
    ['an id that is not an id', 'event.object.id', '../../etc/7'],
    ['an id of another number', 'event.object.seq', 8],
    ['a link with a line break', 'event.object.link', 'a\nb'],
    ['a link that is not the interface', 'event.object.link', 'eth7'],
    ['an index that is not the interface', 'event.object.index', 99],
    ['no link, with an interface', 'event.object.link', null],
    ['a state with a shell word', 'event.object.state', '$(id)'],
    ['a state with white space', 'event.object.state', 'a b'],
    ['an action with a shell word', 'event.object.action', '$(id)'],
    ['a transition with a shell word', 'event.object.before', { gateway: '$(id)' }],
    ['a transition of a link with a line break', 'event.object.after', { link: ['a\nb'] }],
    ['a transition of a key of the prototype', 'event.object.after', { constructor: '; id' }],
    ['a transition of any key', 'event.object.after', { 'LD_PRELOAD=': 'x' }],
    ['an address with a shell word', 'event.object.addresses', ['10.0.0.1; id']],
    ['an address that is not canonical', 'event.object.addresses', ['010.0.0.1']],
    ['an address that is no text', 'event.object.addresses', [['10.0.0.1']]],
    ['a gateway that is a name', 'event.object.gateway', 'router'],
    ['a DNS server with a line break', 'event.object.dns', ['10.0.0.1\nnameserver 6.6.6.6']],
    ['a domain with white space', 'event.object.domains', ['a b']],
    ['a backend of its own', 'event.object.backend', 'me'],
    ['a driver with an escape', 'event.object.Driver', '\u001b[2J'],
    ['a negative MTU', 'event.object.mtu', -1],
    ['an MTU that is text', 'event.object.mtu', '1500; id'],
    ['statistics of any name', 'event.object.Statistics', { 'LD_PRELOAD=x': 1 }],
    ['statistics that are no numbers', 'event.object.Statistics', { RxBytes: 'x' }],
    ['a path that is not absolute', 'event.object.NetworkFile', 'etc'],
    ['properties with a line break', 'event.object.properties', { OnlineState: 'a\nb' }],
    ['a lease with a control character', 'event.dhcp.lease', 'a\u0007'],
    ['a host name with a shell word', 'event.dhcp.hostName', '$(id)'],
    ['truncated: false', 'event.object.truncated', false],
  ])('%s', (_, path, value) => {
    expect(parseRequest(changed(path, value)).ok).toBe(false);
  });

  test.each(['', '{', '[]', 'null', '"x"', '{}', '[[[[[[[['.repeat(1000)])(
    '%#: what is no request',
    (line) => {
      expect(parseRequest(line).ok).toBe(false);
    },
  );

  test('the sample that these are made of is accepted', () => {
    expect(parseRequest(JSON.stringify(whole()))).toMatchObject({ ok: true });
  });

  test('any text, and never throws', () => {
    fc.assert(fc.property(fc.json(), (line) => expect(parseRequest(line).ok).toBe(false)));
  });

  test('keys of the prototype', () => {
    const line = JSON.stringify(whole()).replace('"event":', '"__proto__":{"x":1},"event":');
    expect(parseRequest(line).ok).toBe(false);
  });

  test.each<HookDirectory>(['routable', 'mtu'])('an event for another directory than %s', (directory) => {
    const other = directory === 'routable' ? 'mtu' : 'routable';
    const request = { ...whole(), directory: other };
    expect(parseRequest(JSON.stringify({ ...request, directory: 'off' })).ok).toBe(false);
  });
});
