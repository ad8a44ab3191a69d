/** Whatever is at the other end of the socket: it costs its own connection, or a line in the log. */
import { heapStats } from 'bun:jsc';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Instant, instant, type Millis, millis } from '../../src/core/model/ids.ts';
import { burst, recovery } from '../../src/platform/bus/signal-budget.ts';
import { SystemBus } from '../../src/platform/bus/system-bus.ts';
import { SystemClock } from '../../src/platform/clock.ts';
import type { CallResult } from '../../src/ports/bus-connection.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { RecordingLogger } from '../../src/testing/recording-logger.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';
import {
  encodeMessage,
  type Message,
  MessageKind,
  type OutgoingMessage,
} from '../../src/wire/dbus/message.ts';
import { MessageStream } from '../../src/wire/dbus/message-stream.ts';
import { BusPeer } from './bus-peer.ts';
import { hasDbusDaemon, PrivateBus } from './private-bus.ts';

const bus = 'org.freedesktop.DBus';
const name = 'org.netevd.Test';
const service = ':1.7';
const text = (line: string): Uint8Array => new TextEncoder().encode(line);
const accepted = text(`OK ${'0'.repeat(32)}\r\n`);

/** A clock whose long waits are short: a silent bus times out at once. */
class HastyClock extends SystemClock {
  override schedule(delay: Millis, run: () => void): Disposable {
    return super.schedule(millis(delay / 200), run);
  }
}

/**
 * A clock on which a service that said too much is soon read again, while every other patience is the usual one; time
 * stands still on it, so that the budget of signals does not depend on how quickly they are sent.
 */
class ForgivingClock extends SystemClock {
  override now(): Instant {
    return instant(0);
  }

  override schedule(delay: Millis, run: () => void): Disposable {
    return super.schedule(delay === recovery ? millis(10) : delay, run);
  }
}

type Socket = Bun.Socket<{ stream: MessageStream; isIn: boolean }>;

/** A bus that a test has its way with. */
class FalseBus implements Disposable {
  readonly path: string;
  readonly #folder: string;
  readonly #server: Bun.UnixSocketListener<{ stream: MessageStream; isIn: boolean }>;
  connections = 0;
  /** What it answers to the first line; the honest answer unless a test sets another. */
  greeting: Uint8Array | undefined = accepted;
  /** What happens with each call. */
  onCall: (socket: Socket, message: Message) => void = (socket, message) => this.honest(socket, message);
  socket: Socket | undefined;
  #serial = 100;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'netevd-bus-'));
    this.path = join(this.#folder, 'socket');
    this.#server = Bun.listen<{ stream: MessageStream; isIn: boolean }>({
      unix: this.path,
      socket: {
        open: (socket) => {
          this.connections += 1;
          this.socket = socket;
          socket.data = { stream: new MessageStream({ usual: 2 ** 20 }), isIn: false };
        },
        data: (socket, bytes) => this.#received(socket, bytes),
      },
    });
  }

  /** What a real bus does, with one service on it. */
  honest(socket: Socket, { header }: Message): void {
    const values = header.member === 'Hello' ? [':1.1'] : header.member === 'GetNameOwner' ? [service] : [];
    const body = { signature: 's'.repeat(values.length), values };
    const reply = { kind: MessageKind.reply, flags: 1, replySerial: header.serial, sender: bus, body };
    if (header.destination === bus) socket.write(this.message(reply));
  }

  message(message: object): Uint8Array {
    this.#serial += 1;
    return encodeMessage({ serial: this.#serial, ...message } as unknown as OutgoingMessage);
  }

  signal(sender: string, more: object = {}): Uint8Array {
    const head = { kind: MessageKind.signal, flags: 1, path: '/a', interface: 'a.b', member: 'C' };
    return this.message({ ...head, sender, body: { signature: 's', values: ['x'] }, ...more });
  }

  [Symbol.dispose](): void {
    this.#server.stop(true);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #received(socket: Socket, bytes: Buffer): void {
    let rest = bytes;
    if (!socket.data.isIn) {
      const begin = bytes.indexOf('BEGIN\r\n');
      if (begin < 0) return;
      socket.data.isIn = true;
      if (this.greeting !== undefined) socket.write(this.greeting);
      rest = bytes.subarray(begin + 7);
    }
    socket.data.stream.push(rest, (message) => this.onCall(socket, message));
  }
}

const told: string[] = [];
let log: RecordingLogger;

/** Bytes that something still refers to. What the process has of the machine depends on more than that. */
function reachableMemory(): number {
  Bun.gc(true);
  const { heapSize, extraMemorySize } = heapStats();
  return heapSize + extraMemorySize;
}

function connect(address: string, clock: Clock = new SystemClock(), messageLimit = 2 ** 20): SystemBus {
  const connection = new SystemBus({
    clock,
    log,
    chance: () => 0,
    address,
    uid: () => process.geteuid?.() ?? 0,
    messageLimit,
  });
  connection.follow({
    name,
    signals: [{ interface: 'a.b', member: 'C' }],
    appeared: (owner) => void told.push(`appeared ${owner}`),
    vanished: () => void told.push('vanished'),
    lost: (cause) => void told.push(`lost ${cause}`),
    signal: ({ values }) => void told.push(`signal ${String(values[0]).slice(0, 10)}`),
  });
  connection.start();
  return connection;
}

const until = (what: string, condition: () => boolean): Promise<true> =>
  waitUntil(what, condition, 30_000, () => JSON.stringify({ told, log: log.messages() }));

beforeEach(() => {
  told.length = 0;
  log = new RecordingLogger();
});

describe('a false bus', () => {
  let its: FalseBus;
  let connection: SystemBus;
  beforeEach(() => {
    its = new FalseBus();
  });
  afterEach(() => {
    connection[Symbol.dispose]();
    its[Symbol.dispose]();
  });

  const start = (clock?: Clock, messageLimit?: number): void => {
    connection = connect(`unix:path=${its.path}`, clock, messageLimit);
  };

  test.each<readonly [string, Uint8Array | undefined]>([
    ['that rejects us', text('REJECTED EXTERNAL\r\n')],
    ['that is no bus', text('HTTP/1.1 400 Bad Request\r\n')],
    ['whose line has no end', text('x'.repeat(50_000))],
    ['that says nothing', undefined],
    ['that begins with rubbish', Uint8Array.from([...accepted, ...new Uint8Array(64).fill(0x78)])],
  ])('%s is tried again, and is a line in the log', async (_what, greeting) => {
    its.greeting = greeting;
    start(new HastyClock());
    await until('three attempts', () => its.connections >= 3);
    expect(told).toEqual(['lost disconnected']);
    expect(log.fields('info', 'component', 'repeatKey')[0]).toEqual(['dbus', 'dbus']);
  });

  const broken: readonly (readonly [string, (false_: FalseBus) => Uint8Array])[] = [
    ['rubbish', () => new Uint8Array(100).fill(0x78)],
    ['a body of 4 GiB', (false_) => false_.signal(service).fill(255, 4, 8)],
    ['fields of 2 GiB', (false_) => false_.signal(service).fill(255, 12, 16)],
    ['another version', (false_) => false_.signal(service).fill(9, 3, 4)],
    ['no serial', (false_) => false_.signal(service).fill(0, 8, 12)],
    ['a header of zeros', (false_) => false_.signal(service).fill(0, 16, 60)],
  ];
  test.each(broken)('that sends %s loses its connection, and gets another', async (_what, bytes) => {
    start();
    await until('the service', () => told.includes(`appeared ${service}`));
    its.socket?.write(bytes(its));
    await until('the service again', () => told.length >= 3);
    expect(told).toEqual([`appeared ${service}`, 'lost disconnected', `appeared ${service}`]);
    expect(its.connections).toBe(2);
  });

  test('that refuses a match rule is left, for without it signals would be missed', async () => {
    its.onCall = (socket, message) => {
      const { serial: replySerial, member } = message.header;
      const no = { kind: MessageKind.error, flags: 1, replySerial, sender: bus, errorName: 'a.b.No' };
      if (member === 'AddMatch') socket.write(its.message(no));
      else its.honest(socket, message);
    };
    start(new HastyClock());
    await until('three attempts', () => its.connections >= 3);
    expect(told).toEqual(['lost disconnected']);
  });

  test('after a signal with invalid arguments the service is read again', async () => {
    start(new ForgivingClock());
    await until('the service', () => told[0]?.startsWith('appeared') === true);
    const bytes = its.signal(service, { body: { signature: 'u', values: [2] } });
    // The same message with a boolean in its signature: 2 is not one.
    bytes[bytes.lastIndexOf(0x75)] = 0x62;
    its.socket?.write(bytes);
    await until('the reading', () => told.length === 3);
    expect(told).toEqual([`appeared ${service}`, 'lost overrun', `appeared ${service}`]);
    expect(its.connections).toBe(1);
  });

  test('after a signal that is too long the service is read again, and the signal is not stored', async () => {
    start(new ForgivingClock(), 10_000);
    await until('the service', () => told[0]?.startsWith('appeared') === true);
    const huge = its.signal(service, { body: { signature: 's', values: ['x'.repeat(40_000_000)] } });
    const before = reachableMemory();
    let meanwhile = Number.NaN;
    let at = 0;
    const { socket } = its;
    const send = (): void => {
      if (at > huge.length - 1_000_000 && Number.isNaN(meanwhile)) meanwhile = reachableMemory();
      at += socket?.write(huge.subarray(at, at + 500_000)) ?? 0;
      if (at < huge.length) setTimeout(send, 0);
    };
    send();
    await until('the reading', () => told.length === 3);
    await until('the rest', () => at === huge.length);
    its.socket?.write(its.signal(service));
    await until('the next signal', () => told.length === 4);
    expect(told).toEqual([`appeared ${service}`, 'lost overrun', `appeared ${service}`, 'signal x']);
    expect(meanwhile - before).toBeLessThan(10_000_000);
    expect(its.connections).toBe(1);
  });

  test('an answer of another sender, or without a call, is ignored', async () => {
    its.onCall = (socket, message) => {
      if (message.header.destination !== service) {
        its.honest(socket, message);
        return;
      }
      const reply = { kind: MessageKind.reply, flags: 1, replySerial: message.header.serial };
      const body = { signature: 's', values: ['forged'] };
      socket.write(its.message({ ...reply, sender: ':1.66', body }));
      socket.write(its.message({ ...reply, body }));
      socket.write(its.message({ ...reply, sender: service, replySerial: 99_999, body }));
      socket.write(its.message({ ...reply, sender: service, body: { signature: 's', values: ['true'] } }));
      socket.write(its.message({ ...reply, sender: service, body }));
    };
    start();
    await until('the service', () => told[0]?.startsWith('appeared') === true);
    const answers: CallResult[] = [];
    const call = { destination: service, path: '/a', interface: 'a.b', member: 'Get' };
    connection.call(call, (result) => answers.push(result));
    await until('the answer', () => answers.length > 0);
    connection.call({ ...call, destination: bus, member: 'GetId' }, (result) => answers.push(result));
    await until('the next answer', () => answers.length > 1);
    expect(answers[0]).toEqual({ ok: true, values: ['true'] });
    expect(answers.length).toBe(2);
  });

  test('a change of the owner of a name is ignored unless it comes from the bus', async () => {
    start();
    await until('the service', () => told[0]?.startsWith('appeared') === true);
    const forged = { path: '/org/freedesktop/DBus', interface: bus, member: 'NameOwnerChanged' };
    const body = { signature: 'sss', values: [name, service, ':1.66'] };
    its.socket?.write(its.signal(':1.66', { ...forged, body }));
    its.socket?.write(its.signal(':1.66'));
    its.socket?.write(its.signal(service));
    await until('the true signal', () => told.length === 2);
    expect(told).toEqual([`appeared ${service}`, 'signal x']);
  });

  test('whose service floods us is not followed for a while, and then read again', async () => {
    start(new ForgivingClock());
    await until('the service', () => told[0]?.startsWith('appeared') === true);
    const thousand = new Uint8Array(Buffer.concat(Array.from({ length: 1_000 }, () => its.signal(service))));
    let pending: Uint8Array = new Uint8Array(0);
    let left = 60;
    const { socket } = its;
    const send = (): void => {
      if (pending.length === 0 && left-- > 0) pending = thousand;
      if (pending.length === 0) return;
      pending = pending.subarray(socket?.write(pending) ?? 0);
      setTimeout(send, 0);
    };
    send();
    await until('the reading', () => told.filter((word) => word.startsWith('appeared')).length >= 2);
    await until('the end of the flood', () => left < 0);
    const followed = told.indexOf('lost overrun') - 1;
    expect(followed).toBe(burst);
    expect(its.connections).toBe(1);
  });

  test('that does not read is given up on, and what it did not read is not kept', async () => {
    start(new HastyClock());
    await until('the service', () => told[0]?.startsWith('appeared') === true);
    its.socket?.pause();
    const long = { signature: 's', values: ['x'.repeat(500_000)] };
    const results: CallResult[] = [];
    for (let i = 0; i < 40; i++) {
      const call = { destination: service, path: '/a', interface: 'a.b', member: 'Set', body: long };
      connection.call(call, (result) => results.push(result));
    }
    await until('the loss', () => told.includes('lost disconnected'));
    expect(results.every((result) => !result.ok)).toBe(true);
    expect(results.length).toBe(40);
  });

  test('that never answers has a bounded number of calls to answer', async () => {
    start();
    await until('the service', () => told[0]?.startsWith('appeared') === true);
    // Its own calls are answered when one that comes behind them is.
    const answered: CallResult[] = [];
    const last = { destination: bus, path: '/', interface: bus, member: 'GetId' };
    connection.call(last, (result) => answered.push(result));
    await until('the answers', () => answered.length === 1);
    its.onCall = () => {};
    const names: string[] = [];
    for (let i = 0; i < 100; i++) {
      const call = { destination: service, path: '/a', interface: 'a.b', member: 'Get' };
      connection.call(call, (result) => void names.push(result.ok ? 'ok' : result.name));
    }
    expect(names).toEqual(Array.from({ length: 36 }, () => 'netevd.Busy'));
  });
});

describe.if(hasDbusDaemon)('a hostile peer on a real bus', () => {
  test('has nothing of what it sends followed, however much', async () => {
    await using daemon = new PrivateBus();
    await daemon.start();
    using owner = await BusPeer.connect(daemon.address);
    await owner.own(name);
    using connection = connect(`unix:path=${daemon.path}`, new SystemClock(), 100_000);
    await until('the service', () => told[0]?.startsWith('appeared') === true);
    using intruder = await BusPeer.connect(daemon.address);
    const [names] = await intruder.ask('ListNames');
    const others = (names as readonly string[]).filter((each) => each.startsWith(':'));
    const long = 'x'.repeat(800_000);
    const head = { kind: MessageKind.signal, flags: 0, path: '/a', interface: 'a.b', member: 'C' };
    for (let round = 0; round < 200; round++) {
      for (const destination of others) {
        const values = [round % 50 === 0 ? long : 'forged'];
        intruder.send({ ...head, destination, body: { signature: 's', values } });
        await intruder.ask('GetId');
      }
    }
    owner.send({ ...head, body: { signature: 's', values: ['true'] } });
    await until('the true signal', () => told.length === 2);
    expect(told).toEqual([`appeared ${owner.name}`, 'signal true']);
    const answers: CallResult[] = [];
    const call = { destination: bus, path: '/', interface: bus, member: 'GetId' };
    connection.call(call, (result) => answers.push(result));
    await until('an answer', () => answers.length === 1);
    expect(log.messages('warn')).toEqual([]);
  });
});
