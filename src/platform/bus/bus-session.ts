/** One connection to a bus, from its first byte to its end. */
import { millis } from '../../core/model/ids.ts';
import { type BusCall, BusFailure, type CallResult } from '../../ports/bus-connection.ts';
import type { Clock } from '../../ports/clock.ts';
import type { BusAddress } from '../../wire/dbus/address.ts';
import { Handshake } from '../../wire/dbus/handshake.ts';
import { encodeMessage, type Message, MessageFlag, MessageKind, parseBody } from '../../wire/dbus/message.ts';
import { MessageStream } from '../../wire/dbus/message-stream.ts';
import { emptyBody, textOf } from '../../wire/dbus/value.ts';
import { busName, failure, PendingCalls } from './pending-calls.ts';
import type { ByteStream, OpenStream } from './unix-stream.ts';

export interface SessionParts {
  readonly address: BusAddress;
  /** The effective user id; the kernel confirms it to the bus. */
  readonly uid: number;
  readonly clock: Clock;
  readonly open: OpenStream;
  /** Longest message in bytes whose arguments are read. */
  readonly messageLimit: number;
}

export interface SessionHandlers {
  /** Calls can be made. They leave together with Hello, before the bus has answered to that. */
  opened(): void;
  /** The bus has accepted the connection. */
  welcomed(): void;
  /** A signal of any sender; valid until this returns. */
  signal(message: Message): void;
  /** Called once, last. All calls have failed by then. */
  closed(reason: string): void;
}

const busPath = '/org/freedesktop/DBus';
/** A bus that has not accepted the connection by then counts as absent. */
const handshakeTimeout = millis(10_000);

export class BusSession {
  readonly #handlers: SessionHandlers;
  readonly #stream: ByteStream;
  readonly #calls: PendingCalls;
  readonly #messages: MessageStream;
  readonly #opening: Disposable;
  #handshake: Handshake | undefined = new Handshake();
  #isOver = false;

  constructor(parts: SessionParts, handlers: SessionHandlers) {
    const { address, uid, clock, open, messageLimit } = parts;
    this.#handlers = handlers;
    this.#calls = new PendingCalls(clock);
    this.#messages = new MessageStream({
      usual: messageLimit,
      forLong: ({ replySerial = 0, sender }) => this.#calls.answerLimit(replySerial, sender),
    });
    this.#opening = clock.schedule(handshakeTimeout, () => this.#end('no answer'));
    this.#stream = open(address, {
      opened: () => this.#introduce(uid),
      received: (bytes) => this.#received(bytes),
      closed: (reason) => this.#end(reason),
    });
  }

  call(call: BusCall, done: (result: CallResult) => void): void {
    if (this.#isOver) {
      done(failure(BusFailure.disconnected, 'no connection to the bus'));
      return;
    }
    if (this.#calls.isFull) {
      done(failure(BusFailure.busy, 'too many calls are waiting for answers'));
      return;
    }
    const { destination, path, member, body = emptyBody, mayStartService } = call;
    const serial = this.#calls.add(call, done);
    const flags = mayStartService === true ? 0 : MessageFlag.noAutoStart;
    const to = { destination, path, interface: call.interface, member };
    this.#stream.write(encodeMessage({ kind: MessageKind.call, flags, serial, ...to, body }));
  }

  /** Ends the connection; `closed` is not called. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#opening[Symbol.dispose]();
    this.#stream.close();
    this.#calls.failAll('connection closed');
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.close();
    this.#handlers.closed(reason);
  }

  #received(bytes: Uint8Array): void {
    if (this.#isOver) return;
    const rest = this.#handshake === undefined ? bytes : this.#shakeHands(this.#handshake, bytes);
    if (rest === undefined) return;
    const parsed = this.#messages.push(rest, (message) => this.#take(message));
    if (!parsed.ok) this.#end(parsed.problem);
  }

  /** Returns the bytes after the handshake once the bus has accepted; undefined before. */
  #shakeHands(handshake: Handshake, bytes: Uint8Array): Uint8Array | undefined {
    const step = handshake.push(bytes);
    if (step.kind === 'failed') this.#end(step.problem);
    if (step.kind !== 'accepted') return undefined;
    this.#handshake = undefined;
    return step.rest;
  }

  #introduce(uid: number): void {
    this.#stream.write((this.#handshake ?? new Handshake()).open(uid));
    const hello = { destination: busName, path: busPath, interface: busName, member: 'Hello' };
    this.call(hello, (result) => {
      if (!result.ok) {
        this.#end(result.message);
      } else {
        this.#opening[Symbol.dispose]();
        this.#handlers.welcomed();
      }
    });
    this.#handlers.opened();
  }

  /** Ignores calls of others: netevd offers nothing on the bus, and the bus policy refuses such calls. */
  #take(message: Message): void {
    if (this.#isOver) return;
    const { kind, replySerial = 0, sender } = message.header;
    if (kind === MessageKind.signal) this.#handlers.signal(message);
    if (kind !== MessageKind.reply && kind !== MessageKind.error) return;
    this.#calls.answered(replySerial, sender)?.(resultOf(message));
  }
}

function resultOf(message: Message): CallResult {
  const { kind, errorName = '' } = message.header;
  if (message.body === undefined) return failure(BusFailure.tooLong, 'answer too long');
  const body = parseBody(message);
  if (!body.ok) return failure(BusFailure.malformed, body.problem);
  if (kind === MessageKind.error) return failure(errorName, textOf(body.values[0]) ?? '');
  return { ok: true, values: body.values };
}
