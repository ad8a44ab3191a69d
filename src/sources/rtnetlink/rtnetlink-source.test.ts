import { describe, expect, test } from 'bun:test';
import type { Fact } from '../../core/model/fact.ts';
import { ifIndex } from '../../core/model/ids.ts';
import type { NetlinkChannelOptions } from '../../ports/netlink-channel.ts';
import { FakeNetlinkChannel } from '../../testing/fake-netlink-channel.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import {
  type Answers,
  addressMessage,
  datagram,
  doneMessage,
  errorMessage,
  linkMessage,
  routeMessage,
} from '../../testing/netlink-messages.ts';
import { RecordingLogger } from '../../testing/recording-logger.ts';
import { sampleAddress, sampleLinkObject, sampleRoute } from '../../testing/sample-state.ts';
import { readU16, readU32 } from '../../wire/netlink/bytes.ts';
import { HeaderFlag, MessageType } from '../../wire/netlink/constants.ts';
import { RtnetlinkSource } from './rtnetlink-source.ts';

/** The kernel's route to one of its own addresses. */
const localRoute = sampleRoute({ type: 2, destination: '192.168.1.10' as never, prefixLength: 32 });

const requestNames: Readonly<Record<number, string>> = {
  [MessageType.noop]: 'probe',
  [MessageType.getAddress]: 'addresses',
  [MessageType.getLink]: 'links',
  [MessageType.getRoute]: 'routes',
  [MessageType.getRule]: 'rules',
  [MessageType.getNextHop]: 'nexthops',
};
const familyNames: Readonly<Record<number, string>> = { 2: ' 4', 10: ' 6' };

/** A source whose kernel is the test. */
class SourceTest {
  readonly clock = new ManualClock();
  readonly log = new RecordingLogger();
  readonly batches: (readonly Fact[])[] = [];
  readonly channels: FakeNetlinkChannel[] = [];
  readonly driverReads: string[] = [];
  readonly source: RtnetlinkSource;
  refuse = false;
  forced = true;

  constructor() {
    this.source = new RtnetlinkSource({
      openChannel: (options) => this.#open(options),
      drivers: {
        linkDriver: (name) => {
          this.driverReads.push(name);
          return name === 'lo' ? null : `driver of ${name}`;
        },
      },
      clock: this.clock,
      log: this.log,
      sink: (facts) => this.batches.push(facts),
    });
  }

  #open(options: NetlinkChannelOptions): FakeNetlinkChannel {
    if (this.refuse) throw new Error('EMFILE');
    const channel = new FakeNetlinkChannel(options);
    channel.forced = this.forced;
    this.channels.push(channel);
    return channel;
  }

  get channel(): FakeNetlinkChannel {
    const channel = this.channels.at(-1);
    if (channel === undefined) throw new Error('no channel is open');
    return channel;
  }

  /** The requests as text. */
  get requests(): string[] {
    return this.channel.sent.map((bytes) => {
      const type = requestNames[readU16(bytes, 4)];
      return `${type}${type === 'probe' ? '' : (familyNames[bytes[16] ?? 0] ?? '')}`;
    });
  }

  /** Marks a message as the answer to the last request. */
  answers(over: Partial<Answers> = {}): Answers {
    const last = this.channel.sent.at(-1);
    if (last === undefined) throw new Error('no request was sent');
    return { sequence: readU32(last, 8), portId: this.channel.portId, ...over };
  }

  acknowledge(): void {
    this.channel.deliver([errorMessage(this.answers())]);
  }

  /** Answers the last dump request. */
  dump(...messages: readonly ((answers: Answers) => Uint8Array)[]): void {
    const answers = this.answers();
    this.channel.deliver([datagram(...messages.map((message) => message(answers)), doneMessage(answers))]);
  }

  /** Opens, and answers the initial dumps with one link. */
  ready(): this {
    this.source.start();
    this.source.read({ kind: 'everything' });
    this.acknowledge();
    this.dump();
    this.dump((answers) => linkMessage(sampleLinkObject(), { answers }));
    for (let i = 0; i < 5; i++) this.dump();
    return this;
  }

  get kinds(): string[] {
    return this.batches.flat().map((fact) => fact.kind);
  }
}

const ready = (): SourceTest => {
  const t = new SourceTest().ready();
  t.batches.length = 0;
  t.driverReads.length = 0;
  t.channel.sent.length = 0;
  return t;
};

describe('the initial read of a rtnetlink source', () => {
  test('requests one dump after another and reports all objects in one fact', () => {
    const t = new SourceTest().ready();
    expect(t.requests).toEqual([
      'probe',
      'addresses',
      'links',
      'nexthops',
      'routes 4',
      'routes 6',
      'rules 4',
      'rules 6',
    ]);
    expect(t.kinds).toEqual(['kernelRead']);
  });

  test('includes the drivers of the links', () => {
    const [fact] = new SourceTest().ready().batches.flat();
    if (fact?.kind !== 'kernelRead') throw new Error('no reading');
    expect([...fact.snapshot.drivers]).toEqual([[ifIndex(2), 'driver of eth0']]);
  });

  test('is reported before any notification', () => {
    const t = new SourceTest();
    t.source.start();
    t.channel.deliver([linkMessage(sampleLinkObject())]);
    t.source.read({ kind: 'everything' });
    t.channel.deliver([linkMessage(sampleLinkObject())]);
    expect(t.kinds).toEqual([]);
  });

  test('sends its probe again until it is answered', () => {
    const t = new SourceTest();
    t.source.start();
    t.source.read({ kind: 'everything' });
    t.clock.advance(50);
    expect(t.requests).toEqual(['probe', 'probe', 'probe']);
    t.acknowledge();
    t.clock.advance(50);
    expect(t.requests).toEqual(['probe', 'probe', 'probe', 'addresses']);
  });

  test('fails after five seconds without an answer', () => {
    const t = new SourceTest();
    t.source.start();
    t.source.read({ kind: 'everything' });
    t.acknowledge();
    t.clock.advance(4_999);
    t.dump();
    t.clock.advance(4_999);
    expect(t.kinds).toEqual([]);
    t.clock.advance(1);
    expect(t.batches).toEqual([[{ kind: 'sourceLostSync', source: 'kernel', cause: 'interrupted' }]]);
    t.clock.advance(60_000);
    expect(t.batches.length).toBe(1);
  });
});

describe('a notification', () => {
  const add = HeaderFlag.create | HeaderFlag.exclusive;
  const rows: readonly (readonly [string, Uint8Array, Partial<Fact> | undefined])[] = [
    ['of a link', linkMessage(sampleLinkObject({ mtu: 9000 })), { kind: 'linkObserved' }],
    [
      'of a link that goes',
      linkMessage(sampleLinkObject(), {}, MessageType.delLink),
      { kind: 'linkVanished' },
    ],
    ['of an address', addressMessage(sampleAddress('192.0.2.1')), { kind: 'addressObserved' }],
    [
      'of an address that goes',
      addressMessage(sampleAddress('192.0.2.1'), {}, MessageType.delAddress),
      { kind: 'addressVanished' },
    ],
    ['of a new route', routeMessage(sampleRoute(), { flags: add }), { kind: 'routeObserved', how: 'add' }],
    [
      'of an appended route',
      routeMessage(sampleRoute(), { flags: HeaderFlag.create | HeaderFlag.append }),
      { kind: 'routeObserved', how: 'append' },
    ],
    [
      'of a prepended route',
      routeMessage(sampleRoute(), { flags: HeaderFlag.create }),
      { kind: 'routeObserved', how: 'prepend' },
    ],
    [
      'of a replaced route',
      routeMessage(sampleRoute(), { flags: HeaderFlag.replace }),
      { kind: 'routeObserved', how: 'replace' },
    ],
    [
      'of a route that goes',
      routeMessage(sampleRoute(), {}, MessageType.delRoute),
      { kind: 'routeVanished' },
    ],
    ['of a local route', routeMessage(localRoute, { flags: add }), undefined],
    ['of a local route that goes', routeMessage(localRoute, {}, MessageType.delRoute), undefined],
    [
      'of a local route that replaces another',
      routeMessage(localRoute, { flags: HeaderFlag.replace }),
      { kind: 'routeObserved', how: 'replace' },
    ],
    [
      'of an unknown kind',
      new Uint8Array([20, 0, 0, 0, 99, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]),
      undefined,
    ],
  ];
  for (const [what, message, expected] of rows) {
    test(`${what} becomes ${expected === undefined ? 'no fact' : expected.kind}`, () => {
      const t = ready();
      t.channel.deliver([message]);
      expect(t.batches.flat()).toEqual(expected === undefined ? [] : [expect.objectContaining(expected)]);
    });
  }

  test('is reported with the others of its batch, in their order', () => {
    const t = ready();
    const [address, other] = [sampleAddress('192.0.2.1'), sampleAddress('192.0.2.2')];
    t.channel.deliver([
      datagram(addressMessage(address), addressMessage(other)),
      linkMessage(sampleLinkObject()),
    ]);
    expect(t.batches.map((batch) => batch.map((fact) => fact.kind))).toEqual([
      ['addressObserved', 'addressObserved', 'linkObserved'],
    ]);
  });

  test('that cannot be decoded is a sync loss and is logged', () => {
    const t = ready();
    const broken = addressMessage(sampleAddress('192.0.2.1')).slice(0, 20);
    broken[0] = 20;
    t.channel.deliver([broken]);
    expect(t.batches).toEqual([[{ kind: 'sourceLostSync', source: 'kernel', cause: 'undecodable' }]]);
    expect(t.log.lines.map((line) => line.level)).toEqual(['error']);
  });

  test('of a new link reads its driver once, and again for another link with its index', () => {
    const t = ready();
    const index = ifIndex(9);
    const other = linkMessage(sampleLinkObject({ index, name: 'eth9' }));
    t.channel.deliver([other]);
    t.channel.deliver([other]);
    expect(t.driverReads).toEqual(['eth9']);
    expect(t.batches.flat().map((fact) => fact.kind === 'linkObserved' && fact.driver)).toEqual([
      'driver of eth9',
      undefined,
    ]);
    t.channel.deliver([linkMessage(sampleLinkObject({ index, name: 'eth9' }), {}, MessageType.delLink)]);
    t.channel.deliver([other]);
    expect(t.driverReads).toEqual(['eth9', 'eth9']);
  });
});

describe('a later read of a rtnetlink source', () => {
  test('of routes reports only routes', () => {
    const t = ready();
    t.source.read({ kind: 'routes', family: 6 });
    t.acknowledge();
    t.channel.deliver([linkMessage(sampleLinkObject({ mtu: 9000 }))]);
    t.dump((answers) =>
      routeMessage(sampleRoute({ family: 6, destination: sampleAddress('::').address }), { answers }),
    );
    expect(t.requests).toEqual(['probe', 'routes 6']);
    expect(t.kinds).toEqual(['linkObserved', 'routesRead']);
  });

  test('waits for a running one', () => {
    const t = ready();
    t.source.read({ kind: 'routes', family: 4 });
    t.source.read({ kind: 'routes', family: 6 });
    t.source.read({ kind: 'routes', family: 6 });
    t.acknowledge();
    t.dump();
    t.acknowledge();
    t.dump();
    t.clock.advance(10_000);
    expect(t.requests).toEqual(['probe', 'routes 4', 'probe', 'routes 6']);
    expect(t.kinds).toEqual(['routesRead', 'routesRead']);
  });

  test('of everything replaces one of routes', () => {
    const t = ready();
    t.source.read({ kind: 'routes', family: 4 });
    t.acknowledge();
    t.source.read({ kind: 'everything' });
    t.acknowledge();
    expect(t.requests).toEqual(['probe', 'routes 4', 'probe', 'addresses']);
  });

  test('starts again if the kernel reports an interruption', () => {
    const t = ready();
    t.source.read({ kind: 'routes', family: 4 });
    t.acknowledge();
    const answers = t.answers({ interrupted: true });
    t.channel.deliver([routeMessage(sampleRoute(), { answers }), doneMessage(t.answers())]);
    expect(t.requests).toEqual(['probe', 'routes 4', 'routes 4']);
    t.dump();
    expect(t.kinds).toEqual(['routesRead']);
  });

  test('is reported with a sync loss after five interruptions', () => {
    const t = ready();
    t.source.read({ kind: 'routes', family: 4 });
    t.acknowledge();
    for (let i = 0; i < 5; i++) t.channel.deliver([doneMessage(t.answers({ interrupted: true }))]);
    expect(t.batches.flat()).toEqual([
      { kind: 'routesRead', family: 4, routes: [], meanwhile: [] },
      { kind: 'sourceLostSync', source: 'kernel', cause: 'interrupted' },
    ]);
  });

  test('is requested again while the kernel is busy with another dump', () => {
    const t = ready();
    t.source.read({ kind: 'routes', family: 4 });
    t.acknowledge();
    t.channel.deliver([errorMessage(t.answers(), 16)]);
    expect(t.requests).toEqual(['probe', 'routes 4']);
    t.clock.advance(20);
    expect(t.requests).toEqual(['probe', 'routes 4', 'routes 4']);
    t.dump();
    expect(t.kinds).toEqual(['routesRead']);
  });

  test('is empty for an unsupported family, and fails if the kernel refuses', () => {
    const unsupported = ready();
    unsupported.source.read({ kind: 'routes', family: 6 });
    unsupported.acknowledge();
    unsupported.channel.deliver([errorMessage(unsupported.answers(), 95)]);
    expect(unsupported.kinds).toEqual(['routesRead']);
    const refused = ready();
    refused.source.read({ kind: 'routes', family: 6 });
    refused.acknowledge();
    refused.channel.deliver([errorMessage(refused.answers(), 22)]);
    expect(refused.kinds).toEqual(['sourceLostSync']);
  });

  test('is sent again if the socket had no room, and fails if it cannot be sent', () => {
    const t = ready();
    t.channel.outcomes.push({ ok: false, errno: 105 });
    t.source.read({ kind: 'routes', family: 4 });
    expect(t.requests).toEqual([]);
    t.clock.advance(20);
    expect(t.requests).toEqual(['probe']);
    t.acknowledge();
    t.dump();
    t.channel.outcomes.push({ ok: false, errno: 9 });
    t.source.read({ kind: 'routes', family: 4 });
    expect(t.kinds).toEqual(['routesRead']);
    t.clock.advance(0);
    expect(t.kinds).toEqual(['routesRead', 'sourceLostSync']);
  });

  test('skips an object that cannot be decoded and logs it', () => {
    const t = ready();
    t.source.read({ kind: 'routes', family: 4 });
    t.acknowledge();
    const bad = (answers: Answers): Uint8Array => {
      const bytes = routeMessage(sampleRoute(), { answers });
      bytes[17] = 200;
      return bytes;
    };
    t.dump(bad, (answers) => routeMessage(sampleRoute(), { answers }));
    const [fact] = t.batches.flat();
    expect(fact?.kind === 'routesRead' && fact.routes.length).toBe(1);
    expect(t.log.lines.map((line) => line.level)).toEqual(['error']);
  });

  test('ignores answers to old requests and to other sockets', () => {
    const t = ready();
    t.source.read({ kind: 'routes', family: 4 });
    const old = t.answers();
    t.acknowledge();
    t.channel.deliver([doneMessage(old)]);
    t.channel.deliver([doneMessage({ ...t.answers(), portId: 5 })]);
    expect(t.kinds).toEqual([]);
    t.dump();
    expect(t.kinds).toEqual(['routesRead']);
  });
});

describe('a sync loss of a rtnetlink source', () => {
  test('by overrun is reported after the facts of its batch and ends a read', () => {
    const t = ready();
    t.source.read({ kind: 'everything' });
    t.acknowledge();
    t.channel.deliver([], { overrun: true });
    expect(t.batches.flat()).toEqual([{ kind: 'sourceLostSync', source: 'kernel', cause: 'overrun' }]);
    t.dump();
    t.clock.advance(60_000);
    expect(t.kinds).toEqual(['sourceLostSync']);
  });

  test('by a truncated datagram is reported like any other', () => {
    const t = ready();
    t.channel.deliver([linkMessage(sampleLinkObject({ mtu: 9000 }))], { truncated: true });
    expect(t.kinds).toEqual(['linkObserved', 'sourceLostSync']);
  });

  test('of the socket opens another, with longer delays, until a read succeeds', () => {
    const t = ready();
    t.refuse = true;
    t.channel.deliver([], { error: { errno: 9 } });
    expect(t.batches.flat()).toEqual([{ kind: 'sourceLostSync', source: 'kernel', cause: 'disconnected' }]);
    expect(t.channel.isClosed).toBe(true);
    t.source.read({ kind: 'everything' });
    t.clock.advance(500);
    expect(t.channels.length).toBe(1);
    expect(t.log.lines.filter((line) => line.level === 'error').length).toBeGreaterThan(1);
    t.refuse = false;
    t.clock.advance(5_000);
    expect(t.channels.length).toBe(2);
    t.source.read({ kind: 'everything' });
    expect(t.requests).toEqual(['probe']);
  });
});

describe('the socket of a rtnetlink source', () => {
  test('logs a warning if the kernel grants a smaller buffer', () => {
    const t = new SourceTest();
    t.forced = false;
    t.source.start();
    expect(t.log.lines.map((line) => line.level)).toEqual(['warn']);
  });

  test('the netlink socket joins every group', () => {
    const t = new SourceTest();
    t.source.start();
    expect(t.channel.options.groups.toSorted((a, b) => a - b)).toEqual([1, 5, 7, 8, 9, 11, 19, 32]);
  });

  test('is closed with the source, which then does nothing more', async () => {
    const t = ready();
    t.source.read({ kind: 'everything' });
    await t.source[Symbol.asyncDispose]();
    expect(t.channel.isClosed).toBe(true);
    expect(t.clock.waiting).toBe(0);
    t.source.read({ kind: 'everything' });
    t.channel.deliver([linkMessage(sampleLinkObject())], { overrun: true });
    expect(t.kinds).toEqual([]);
  });
});

describe('a barrier', () => {
  /** A source with a barrier, and the barriers that were reached. */
  const behindBarrier = (): { t: SourceTest; reached: string[] } => {
    const reached: string[] = [];
    const t = ready();
    t.source.barrier(() => reached.push('barrier'));
    return { t, reached };
  };

  test('is reached once everything that the kernel sent before is reported', () => {
    const { t, reached } = behindBarrier();
    expect(t.requests).toEqual(['probe']);
    const answers = t.answers();
    t.channel.deliver([addressMessage(sampleAddress('192.0.2.9'))]);
    expect([t.kinds, reached]).toEqual([['addressObserved'], []]);
    t.channel.deliver([addressMessage(sampleAddress('192.0.2.10')), errorMessage(answers)]);
    expect([t.kinds, reached]).toEqual([['addressObserved', 'addressObserved'], ['barrier']]);
    t.channel.deliver([errorMessage(answers)]);
    t.clock.advance(60_000);
    expect(reached).toEqual(['barrier']);
  });

  test('is reached after 50 ms if its answer is lost', () => {
    const { t, reached } = behindBarrier();
    t.clock.advance(49);
    expect(reached).toEqual([]);
    t.clock.advance(1);
    expect(reached).toEqual(['barrier']);
  });

  test('is reached at once without a socket, or if nothing can be sent', () => {
    const reached: string[] = [];
    new SourceTest().source.barrier(() => reached.push('no socket'));
    const t = ready();
    t.channel.outcomes.push({ ok: false, errno: 105 });
    t.source.barrier(() => reached.push('no room'));
    expect(reached).toEqual(['no socket', 'no room']);
    expect(t.clock.waiting).toBe(0);
  });

  test('does not disturb a running read', () => {
    const t = ready();
    const reached: string[] = [];
    t.source.read({ kind: 'routes', family: 4 });
    const reading = t.answers();
    t.source.barrier(() => reached.push('barrier'));
    t.channel.deliver([errorMessage(t.answers())]);
    expect([t.kinds, reached]).toEqual([[], ['barrier']]);
    t.channel.deliver([errorMessage(reading)]);
    expect(t.requests).toEqual(['probe', 'probe', 'routes 4']);
  });

  test('is reached if the socket fails, and is dropped by a disposed source', async () => {
    const { t, reached } = behindBarrier();
    t.channel.deliver([], { error: { errno: 9 } });
    expect(reached).toEqual(['barrier']);
    const other = behindBarrier();
    await other.t.source[Symbol.asyncDispose]();
    other.t.clock.advance(60_000);
    expect(other.reached).toEqual([]);
  });
});
