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
  /** The effective user id, as the kernel will confirm it to the bus. */
  readonly uid: number;
  readonly clock: Clock;
  readonly open: OpenStream;
  /** Longest message in bytes whose arguments are read. */
  readonly messageLimit: number;
}

export interface SessionHandlers {
  /** Calls can be made: they are on their way together with our name, before the bus has answered to that. */
  opened(): void;
  /** The bus has let us in. */
  welcomed(): void;
  /** A signal of anybody's; good until it returns. */
  signal(message: Message): void;
  /** Once, and nothing after it. All calls have failed by then. */
  closed(reason: string): void;
}

const busPath = '/org/freedesktop/DBus';
/** A bus that has not let us in by then is none. */
const patience = millis(10_000);

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
    this.#opening = clock.schedule(patience, () => this.#end('it does not answer'));
    this.#stream = open(address, {
      opened: () => this.#introduce(uid),
      received: (bytes) => this.#received(bytes),
      closed: (reason) => this.#end(reason),
    });
  }

  call(call: BusCall, done: (result: CallResult) => void): void {
    if (this.#isOver) {
      done(failure(BusFailure.disconnected, 'there is no connection to the bus'));
      return;
    }
    if (this.#calls.isFull) {
      done(failure(BusFailure.busy, 'too many calls wait for answers'));
      return;
    }
    const { destination, path, member, body = emptyBody, mayStartService } = call;
    const serial = this.#calls.add(call, done);
    const flags = mayStartService === true ? 0 : MessageFlag.noAutoStart;
    const to = { destination, path, interface: call.interface, member };
    this.#stream.write(encodeMessage({ kind: MessageKind.call, flags, serial, ...to, body }));
  }

  /** Ends it; `closed` is not called for that. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#opening[Symbol.dispose]();
    this.#stream.close();
    this.#calls.failAll('the connection was closed');
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

  /** What is left of the bytes once the bus has let us in. */
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

  /** Calls of others are not answered: netevd offers nothing on the bus, and whoever asks is told so by the bus's policy. */
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
  if (message.body === undefined) return failure(BusFailure.tooLong, 'the answer is too long');
  const body = parseBody(message);
  if (!body.ok) return failure(BusFailure.malformed, body.problem);
  if (kind === MessageKind.error) return failure(errorName, textOf(body.values[0]) ?? '');
  return { ok: true, values: body.values };
}
