/** Another program on a real bus: takes names, answers calls, sends signals, honest or not. */

import { type ByteStream, openUnixStream } from '../../src/platform/bus/unix-stream.ts';
import type { BusAddress } from '../../src/wire/dbus/address.ts';
import { Handshake } from '../../src/wire/dbus/handshake.ts';
import {
  type BusMessageHeader,
  encodeMessage,
  type Message,
  MessageKind,
  type OutgoingMessage,
  parseBody,
} from '../../src/wire/dbus/message.ts';
import { MessageStream } from '../../src/wire/dbus/message-stream.ts';
import type { BusBody, BusValue } from '../../src/wire/dbus/value.ts';

export interface PeerCall {
  readonly header: BusMessageHeader;
  readonly values: readonly BusValue[];
}

const bus = 'org.freedesktop.DBus';

export class BusPeer implements Disposable {
  /** Answers calls; none unless it is set. */
  onCall: (call: PeerCall) => void = () => {};
  /** Its unique name. */
  name = '';
  readonly #stream: ByteStream;
  readonly #messages = new MessageStream({ usual: 2 ** 24 });
  readonly #answers = new Map<number, (message: Message) => void>();
  #handshake: Handshake | undefined = new Handshake();
  #serial = 0;
  readonly #ready = Promise.withResolvers<void>();

  private constructor(address: BusAddress) {
    this.#stream = openUnixStream(address, {
      opened: () => this.#stream.write(new Handshake().open(process.geteuid?.() ?? 0)),
      received: (bytes) => this.#received(bytes),
      closed: (reason) => this.#ready.reject(new Error(reason)),
    });
  }

  static async connect(address: BusAddress): Promise<BusPeer> {
    const peer = new BusPeer(address);
    await peer.#ready.promise;
    return peer;
  }

  /** Calls the bus itself; resolves to what it answered. */
  async ask(member: string, body?: BusBody): Promise<readonly BusValue[]> {
    const path = '/org/freedesktop/DBus';
    const call = { kind: MessageKind.call, flags: 0, destination: bus, path, interface: bus, member };
    const { promise, resolve, reject } = Promise.withResolvers<readonly BusValue[]>();
    const serial = this.send({ ...call, ...(body !== undefined && { body }) });
    this.#answers.set(serial, (message) => {
      const parsed = parseBody(message);
      if (message.header.kind === MessageKind.reply && parsed.ok) resolve(parsed.values);
      else reject(new Error(message.header.errorName));
    });
    return await promise;
  }

  /** Takes a well-known name, also from another program. */
  async own(name: string): Promise<void> {
    const allowReplacement = 1;
    const replaceExisting = 2;
    const flags = allowReplacement | replaceExisting;
    await this.ask('RequestName', { signature: 'su', values: [name, flags] });
  }

  async release(name: string): Promise<void> {
    await this.ask('ReleaseName', { signature: 's', values: [name] });
  }

  /** Returns the serial. */
  send(message: Omit<OutgoingMessage, 'serial'>): number {
    this.#serial += 1;
    this.#stream.write(encodeMessage({ ...message, serial: this.#serial }));
    return this.#serial;
  }

  [Symbol.dispose](): void {
    this.#stream.close();
  }

  #received(bytes: Uint8Array): void {
    let rest = bytes;
    if (this.#handshake !== undefined) {
      const step = this.#handshake.push(bytes);
      if (step.kind === 'failed') this.#ready.reject(new Error(step.problem));
      if (step.kind !== 'accepted') return;
      this.#handshake = undefined;
      rest = step.rest;
      this.ask('Hello').then(([name]) => {
        this.name = String(name);
        this.#ready.resolve();
      }, this.#ready.reject);
    }
    this.#messages.push(rest, (message) => this.#take(message));
  }

  #take(message: Message): void {
    const { header } = message;
    const body = parseBody(message);
    if (header.kind === MessageKind.call && body.ok) this.onCall({ header, values: body.values });
    if (header.replySerial === undefined) return;
    this.#answers.get(header.replySerial)?.(message);
    this.#answers.delete(header.replySerial);
  }
}
