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

const requestNames: Readonly<Record<number, string>> = {
  [MessageType.noop]: 'probe',
  [MessageType.getAddress]: 'addresses',
  [MessageType.getLink]: 'links',
  [MessageType.getRoute]: 'routes',
  [MessageType.getRule]: 'rules',
};
const familyNames: Readonly<Record<number, string>> = { 2: ' 4', 10: ' 6' };

/** A source, and the test as its kernel. */
class Play {
  readonly clock = new ManualClock();
  readonly log = new RecordingLogger();
  readonly batches: (readonly Fact[])[] = [];
  readonly channels: FakeNetlinkChannel[] = [];
  readonly askedFor: string[] = [];
  readonly source: RtnetlinkSource;
  refuse = false;
  forced = true;

  constructor() {
    this.source = new RtnetlinkSource({
      openChannel: (options) => this.#open(options),
      drivers: {
        linkDriver: (name) => {
          this.askedFor.push(name);
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

  /** What was asked for, in words. */
  get requests(): string[] {
    return this.channel.sent.map((bytes) => {
      const type = requestNames[readU16(bytes, 4)];
      return `${type}${type === 'probe' ? '' : (familyNames[bytes[16] ?? 0] ?? '')}`;
    });
  }

  /** Marks a message as the answer to the last request. */
  answers(over: Partial<Answers> = {}): Answers {
    const last = this.channel.sent.at(-1);
    if (last === undefined) throw new Error('nothing was asked');
    return { sequence: readU32(last, 8), portId: this.channel.portId, ...over };
  }

  acknowledge(): void {
    this.channel.deliver([errorMessage(this.answers())]);
  }

  /** Answers the dump that was asked for last. */
  dump(...messages: readonly ((answers: Answers) => Uint8Array)[]): void {
    const answers = this.answers();
    this.channel.deliver([datagram(...messages.map((message) => message(answers)), doneMessage(answers))]);
  }

  /** Opens, and answers a first reading with one link. */
  ready(): this {
    this.source.start();
    this.source.read({ kind: 'everything' });
    this.acknowledge();
    this.dump();
    this.dump((answers) => linkMessage(sampleLinkObject(), { answers }));
    for (let i = 0; i < 4; i++) this.dump();
    return this;
  }

  get kinds(): string[] {
    return this.batches.flat().map((fact) => fact.kind);
  }
}

const ready = (): Play => {
  const play = new Play().ready();
  play.batches.length = 0;
  play.askedFor.length = 0;
  play.channel.sent.length = 0;
  return play;
};

describe('a first reading', () => {
  test('asks for one thing after another, and tells all in one fact', () => {
    const play = new Play().ready();
    expect(play.requests).toEqual([
      'probe',
      'addresses',
      'links',
      'routes 4',
      'routes 6',
      'rules 4',
      'rules 6',
    ]);
    expect(play.kinds).toEqual(['kernelRead']);
  });

  test('brings the drivers of the links', () => {
    const [fact] = new Play().ready().batches.flat();
    if (fact?.kind !== 'kernelRead') throw new Error('no reading');
    expect([...fact.snapshot.drivers]).toEqual([[ifIndex(2), 'driver of eth0']]);
  });

  test('is the first thing that is told', () => {
    const play = new Play();
    play.source.start();
    play.channel.deliver([linkMessage(sampleLinkObject())]);
    play.source.read({ kind: 'everything' });
    play.channel.deliver([linkMessage(sampleLinkObject())]);
    expect(play.kinds).toEqual([]);
  });

  test('sends its probe again until it is answered', () => {
    const play = new Play();
    play.source.start();
    play.source.read({ kind: 'everything' });
    play.clock.advance(50);
    expect(play.requests).toEqual(['probe', 'probe', 'probe']);
    play.acknowledge();
    play.clock.advance(50);
    expect(play.requests).toEqual(['probe', 'probe', 'probe', 'addresses']);
  });

  test('fails when nothing comes for five seconds, and not before', () => {
    const play = new Play();
    play.source.start();
    play.source.read({ kind: 'everything' });
    play.acknowledge();
    play.clock.advance(4_999);
    play.dump();
    play.clock.advance(4_999);
    expect(play.kinds).toEqual([]);
    play.clock.advance(1);
    expect(play.batches).toEqual([[{ kind: 'sourceLostSync', source: 'kernel', cause: 'interrupted' }]]);
    play.clock.advance(60_000);
    expect(play.batches.length).toBe(1);
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
    ['of a local route', routeMessage(sampleRoute({ type: 2 }), { flags: add }), undefined],
    [
      'of a local route that goes',
      routeMessage(sampleRoute({ type: 2 }), {}, MessageType.delRoute),
      undefined,
    ],
    [
      'of a local route in the place of another',
      routeMessage(sampleRoute({ type: 2 }), { flags: HeaderFlag.replace }),
      { kind: 'routeObserved', how: 'replace' },
    ],
    [
      'of a kind that is not known',
      new Uint8Array([20, 0, 0, 0, 99, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]),
      undefined,
    ],
  ];
  for (const [says, message, expected] of rows) {
    test(`${says} is ${expected === undefined ? 'nothing' : expected.kind}`, () => {
      const play = ready();
      play.channel.deliver([message]);
      expect(play.batches.flat()).toEqual(expected === undefined ? [] : [expect.objectContaining(expected)]);
    });
  }

  test('comes with the others of its batch, in their order', () => {
    const play = ready();
    const [address, other] = [sampleAddress('192.0.2.1'), sampleAddress('192.0.2.2')];
    play.channel.deliver([
      datagram(addressMessage(address), addressMessage(other)),
      linkMessage(sampleLinkObject()),
    ]);
    expect(play.batches.map((batch) => batch.map((fact) => fact.kind))).toEqual([
      ['addressObserved', 'addressObserved', 'linkObserved'],
    ]);
  });

  test('that cannot be read is a loss, and said in the log', () => {
    const play = ready();
    const broken = addressMessage(sampleAddress('192.0.2.1')).slice(0, 20);
    broken[0] = 20;
    play.channel.deliver([broken]);
    expect(play.batches).toEqual([[{ kind: 'sourceLostSync', source: 'kernel', cause: 'undecodable' }]]);
    expect(play.log.lines.map((line) => line.level)).toEqual(['error']);
  });

  test('asks for the driver of a link once, and again when its index is taken by another', () => {
    const play = ready();
    const index = ifIndex(9);
    const other = linkMessage(sampleLinkObject({ index, name: 'eth9' }));
    play.channel.deliver([other]);
    play.channel.deliver([other]);
    expect(play.askedFor).toEqual(['eth9']);
    expect(play.batches.flat().map((fact) => fact.kind === 'linkObserved' && fact.driver)).toEqual([
      'driver of eth9',
      undefined,
    ]);
    play.channel.deliver([linkMessage(sampleLinkObject({ index, name: 'eth9' }), {}, MessageType.delLink)]);
    play.channel.deliver([other]);
    expect(play.askedFor).toEqual(['eth9', 'eth9']);
  });
});

describe('a reading again', () => {
  test('of routes is told without the rest', () => {
    const play = ready();
    play.source.read({ kind: 'routes', family: 6 });
    play.acknowledge();
    play.channel.deliver([linkMessage(sampleLinkObject({ mtu: 9000 }))]);
    play.dump((answers) =>
      routeMessage(sampleRoute({ family: 6, destination: sampleAddress('::').address }), { answers }),
    );
    expect(play.requests).toEqual(['probe', 'routes 6']);
    expect(play.kinds).toEqual(['linkObserved', 'routesRead']);
  });

  test('waits for the one under way', () => {
    const play = ready();
    play.source.read({ kind: 'routes', family: 4 });
    play.source.read({ kind: 'routes', family: 6 });
    play.source.read({ kind: 'routes', family: 6 });
    play.acknowledge();
    play.dump();
    play.acknowledge();
    play.dump();
    play.clock.advance(10_000);
    expect(play.requests).toEqual(['probe', 'routes 4', 'probe', 'routes 6']);
    expect(play.kinds).toEqual(['routesRead', 'routesRead']);
  });

  test('of everything takes the place of one of routes', () => {
    const play = ready();
    play.source.read({ kind: 'routes', family: 4 });
    play.acknowledge();
    play.source.read({ kind: 'everything' });
    play.acknowledge();
    expect(play.requests).toEqual(['probe', 'routes 4', 'probe', 'addresses']);
  });

  test('is begun again where the kernel says that it was interrupted', () => {
    const play = ready();
    play.source.read({ kind: 'routes', family: 4 });
    play.acknowledge();
    const answers = play.answers({ interrupted: true });
    play.channel.deliver([routeMessage(sampleRoute(), { answers }), doneMessage(play.answers())]);
    expect(play.requests).toEqual(['probe', 'routes 4', 'routes 4']);
    play.dump();
    expect(play.kinds).toEqual(['routesRead']);
  });

  test('is told and doubted at once where it was interrupted five times', () => {
    const play = ready();
    play.source.read({ kind: 'routes', family: 4 });
    play.acknowledge();
    for (let i = 0; i < 5; i++) play.channel.deliver([doneMessage(play.answers({ interrupted: true }))]);
    expect(play.batches.flat()).toEqual([
      { kind: 'routesRead', family: 4, routes: [], meanwhile: [] },
      { kind: 'sourceLostSync', source: 'kernel', cause: 'interrupted' },
    ]);
  });

  test('is asked for again while the kernel is busy with another dump', () => {
    const play = ready();
    play.source.read({ kind: 'routes', family: 4 });
    play.acknowledge();
    play.channel.deliver([errorMessage(play.answers(), 16)]);
    expect(play.requests).toEqual(['probe', 'routes 4']);
    play.clock.advance(20);
    expect(play.requests).toEqual(['probe', 'routes 4', 'routes 4']);
    play.dump();
    expect(play.kinds).toEqual(['routesRead']);
  });

  test('is empty where the kernel knows nothing of the family, and fails where it refuses', () => {
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

  test('is sent again where there was no room, and fails where it cannot be sent', () => {
    const play = ready();
    play.channel.outcomes.push({ ok: false, errno: 105 });
    play.source.read({ kind: 'routes', family: 4 });
    expect(play.requests).toEqual([]);
    play.clock.advance(20);
    expect(play.requests).toEqual(['probe']);
    play.acknowledge();
    play.dump();
    play.channel.outcomes.push({ ok: false, errno: 9 });
    play.source.read({ kind: 'routes', family: 4 });
    expect(play.kinds).toEqual(['routesRead']);
    play.clock.advance(0);
    expect(play.kinds).toEqual(['routesRead', 'sourceLostSync']);
  });

  test('goes on past an object that cannot be read, and says so', () => {
    const play = ready();
    play.source.read({ kind: 'routes', family: 4 });
    play.acknowledge();
    const bad = (answers: Answers): Uint8Array => {
      const bytes = routeMessage(sampleRoute(), { answers });
      bytes[17] = 200;
      return bytes;
    };
    play.dump(bad, (answers) => routeMessage(sampleRoute(), { answers }));
    const [fact] = play.batches.flat();
    expect(fact?.kind === 'routesRead' && fact.routes.length).toBe(1);
    expect(play.log.lines.map((line) => line.level)).toEqual(['error']);
  });

  test('does not take the answer to an old request, or to somebody else, for its own', () => {
    const play = ready();
    play.source.read({ kind: 'routes', family: 4 });
    const old = play.answers();
    play.acknowledge();
    play.channel.deliver([doneMessage(old)]);
    play.channel.deliver([doneMessage({ ...play.answers(), portId: 5 })]);
    expect(play.kinds).toEqual([]);
    play.dump();
    expect(play.kinds).toEqual(['routesRead']);
  });
});

describe('a loss', () => {
  test('by overrun is told after what came with it, and ends a reading', () => {
    const play = ready();
    play.source.read({ kind: 'everything' });
    play.acknowledge();
    play.channel.deliver([], { overrun: true });
    expect(play.batches.flat()).toEqual([{ kind: 'sourceLostSync', source: 'kernel', cause: 'overrun' }]);
    play.dump();
    play.clock.advance(60_000);
    expect(play.kinds).toEqual(['sourceLostSync']);
  });

  test('by a datagram that was cut off is one like any other', () => {
    const play = ready();
    play.channel.deliver([linkMessage(sampleLinkObject({ mtu: 9000 }))], { truncated: true });
    expect(play.kinds).toEqual(['linkObserved', 'sourceLostSync']);
  });

  test('of the socket opens another, later and later, until a reading can be had', () => {
    const play = ready();
    play.refuse = true;
    play.channel.deliver([], { error: { errno: 9 } });
    expect(play.batches.flat()).toEqual([
      { kind: 'sourceLostSync', source: 'kernel', cause: 'disconnected' },
    ]);
    expect(play.channel.isClosed).toBe(true);
    play.source.read({ kind: 'everything' });
    play.clock.advance(500);
    expect(play.channels.length).toBe(1);
    expect(play.log.lines.filter((line) => line.level === 'error').length).toBeGreaterThan(1);
    play.refuse = false;
    play.clock.advance(5_000);
    expect(play.channels.length).toBe(2);
    play.source.read({ kind: 'everything' });
    expect(play.requests).toEqual(['probe']);
  });
});

describe('the socket', () => {
  test('is said to be small where the kernel does not grant more', () => {
    const play = new Play();
    play.forced = false;
    play.source.start();
    expect(play.log.lines.map((line) => line.level)).toEqual(['warn']);
  });

  test('the netlink socket joins every group', () => {
    const play = new Play();
    play.source.start();
    expect(play.channel.options.groups.toSorted((a, b) => a - b)).toEqual([1, 5, 7, 8, 9, 11, 19, 32]);
  });

  test('is closed with the source, which then does nothing more', async () => {
    const play = ready();
    play.source.read({ kind: 'everything' });
    await play.source[Symbol.asyncDispose]();
    expect(play.channel.isClosed).toBe(true);
    expect(play.clock.waiting).toBe(0);
    play.source.read({ kind: 'everything' });
    play.channel.deliver([linkMessage(sampleLinkObject())], { overrun: true });
    expect(play.kinds).toEqual([]);
  });
});

describe('a fence', () => {
  /** A played source, and what happened in which order. */
  const behindBarrier = (): { play: Play; told: string[] } => {
    const told: string[] = [];
    const play = ready();
    play.source.barrier(() => told.push('barrier'));
    return { play, told };
  };

  test('is reached when what the kernel had sent before has been told', () => {
    const { play, told } = behindBarrier();
    expect(play.requests).toEqual(['probe']);
    const answers = play.answers();
    play.channel.deliver([addressMessage(sampleAddress('192.0.2.9'))]);
    expect([play.kinds, told]).toEqual([['addressObserved'], []]);
    play.channel.deliver([addressMessage(sampleAddress('192.0.2.10')), errorMessage(answers)]);
    expect([play.kinds, told]).toEqual([['addressObserved', 'addressObserved'], ['barrier']]);
    play.channel.deliver([errorMessage(answers)]);
    play.clock.advance(60_000);
    expect(told).toEqual(['barrier']);
  });

  test('whose answer is lost is reached after a moment', () => {
    const { play, told } = behindBarrier();
    play.clock.advance(49);
    expect(told).toEqual([]);
    play.clock.advance(1);
    expect(told).toEqual(['barrier']);
  });

  test('is reached at once where there is no socket, or nothing can be sent', () => {
    const told: string[] = [];
    new Play().source.barrier(() => told.push('no socket'));
    const play = ready();
    play.channel.outcomes.push({ ok: false, errno: 105 });
    play.source.barrier(() => told.push('no room'));
    expect(told).toEqual(['no socket', 'no room']);
    expect(play.clock.waiting).toBe(0);
  });

  test('is no part of a reading, and is reached during one', () => {
    const play = ready();
    const told: string[] = [];
    play.source.read({ kind: 'routes', family: 4 });
    const reading = play.answers();
    play.source.barrier(() => told.push('barrier'));
    play.channel.deliver([errorMessage(play.answers())]);
    expect([play.kinds, told]).toEqual([[], ['barrier']]);
    play.channel.deliver([errorMessage(reading)]);
    expect(play.requests).toEqual(['probe', 'probe', 'routes 4']);
  });

  test('is reached when the socket fails, and is forgotten by a source that is disposed of', async () => {
    const { play, told } = behindBarrier();
    play.channel.deliver([], { error: { errno: 9 } });
    expect(told).toEqual(['barrier']);
    const other = behindBarrier();
    await other.play.source[Symbol.asyncDispose]();
    other.play.clock.advance(60_000);
    expect(other.told).toEqual([]);
  });
});
