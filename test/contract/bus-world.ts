/** What a contract test of a bus needs beside the connection under test: others on the same bus. */
import { SystemBus } from '../../src/platform/bus/system-bus.ts';
import { SystemClock } from '../../src/platform/clock.ts';
import type { BusConnection, BusSignal, CallResult } from '../../src/ports/bus-connection.ts';
import { FakeBus } from '../../src/testing/fake-bus.ts';
import { RecordingLogger } from '../../src/testing/recording-logger.ts';
import { MessageKind } from '../../src/wire/dbus/message.ts';
import type { BusBody } from '../../src/wire/dbus/value.ts';
import { BusPeer } from './bus-peer.ts';
import { PrivateBus } from './private-bus.ts';

/** How a service answers: an answer, or nothing yet. */
export type Answers = (member: string, reply: (result: CallResult) => void) => void;

export interface World extends AsyncDisposable {
  readonly bus: BusConnection;
  /** Another program takes the name and answers as given; resolves to its unique name. */
  own(name: string, answers?: Answers): Promise<string>;
  release(name: string): Promise<void>;
  /** A signal of the name's owner, with one text in it. */
  emit(name: string, signal: Omit<BusSignal, 'values'>, text: string): void;
  /** The same signal by another program, to all connections and to this one only. */
  forge(signal: Omit<BusSignal, 'values'>, text: string): Promise<void>;
  /** The bus goes away, and comes back. */
  cut(): Promise<void>;
  restore(): Promise<void>;
}

export async function fakeWorld(): Promise<World> {
  const bus = new FakeBus();
  const names = new Set<string>();
  return {
    bus,
    own: async (name, answers) => {
      names.add(name);
      return bus.own(name, (call, answer) => answers?.(call.member, answer));
    },
    release: async (name) => bus.release(name),
    emit: (name, signal, text) => bus.emit(name, { ...signal, values: [text] }),
    forge: async (signal, text) => bus.emitFrom(':9.9', { ...signal, values: [text] }),
    cut: async () => {
      bus.disconnect();
      for (const name of names) bus.release(name);
    },
    restore: async () => bus.connect(),
    [Symbol.asyncDispose]: async () => {},
  };
}

export async function realWorld(): Promise<World> {
  const daemon = new PrivateBus();
  await daemon.start();
  return new RealWorld(daemon);
}

class RealWorld implements World {
  readonly bus: SystemBus;
  readonly #daemon: PrivateBus;
  readonly #peers = new Map<string, BusPeer>();
  readonly #intruders: BusPeer[] = [];

  constructor(daemon: PrivateBus) {
    this.#daemon = daemon;
    this.bus = new SystemBus({
      clock: new SystemClock(),
      log: new RecordingLogger(),
      chance: () => 0,
      address: `unix:path=${daemon.path}`,
      uid: () => process.geteuid?.() ?? 0,
    });
    this.bus.start();
  }

  async own(name: string, answers?: Answers): Promise<string> {
    const peer = await BusPeer.connect(this.#daemon.address);
    peer.onCall = ({ header }) => {
      const to = { flags: 0, destination: header.sender ?? '', replySerial: header.serial };
      answers?.(header.member ?? '', (result) => {
        if (result.ok) {
          const body: BusBody = { signature: 's'.repeat(result.values.length), values: result.values };
          peer.send({ ...to, kind: MessageKind.reply, body });
        } else {
          const body: BusBody = { signature: 's', values: [result.message] };
          peer.send({ ...to, kind: MessageKind.error, errorName: result.name, body });
        }
      });
    };
    await peer.own(name);
    this.#peers.get(name)?.[Symbol.dispose]();
    this.#peers.set(name, peer);
    return peer.name;
  }

  async release(name: string): Promise<void> {
    await this.#peers.get(name)?.release(name);
  }

  emit(name: string, signal: Omit<BusSignal, 'values'>, text: string): void {
    const body = { signature: 's', values: [text] };
    this.#peers.get(name)?.send({ kind: MessageKind.signal, flags: 0, ...signal, body });
  }

  async forge(signal: Omit<BusSignal, 'values'>, text: string): Promise<void> {
    const intruder = await BusPeer.connect(this.#daemon.address);
    this.#intruders.push(intruder);
    const message = {
      kind: MessageKind.signal,
      flags: 0,
      ...signal,
      body: { signature: 's', values: [text] },
    };
    intruder.send(message);
    const [names] = await intruder.ask('ListNames');
    for (const name of names as readonly string[]) {
      if (name.startsWith(':')) intruder.send({ ...message, destination: name });
    }
    await intruder.ask('GetId');
  }

  async cut(): Promise<void> {
    await this.#daemon.stop();
    for (const peer of this.#peers.values()) peer[Symbol.dispose]();
    this.#peers.clear();
  }

  async restore(): Promise<void> {
    await this.#daemon.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.bus[Symbol.dispose]();
    for (const peer of [...this.#peers.values(), ...this.#intruders]) peer[Symbol.dispose]();
    await this.#daemon[Symbol.asyncDispose]();
  }
}
