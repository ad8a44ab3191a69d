/** Calls that wait for answers: a bounded number, each until its timeout. */
import { type Millis, millis } from '../../core/model/ids.ts';
import { type BusCall, BusFailure, type CallResult } from '../../ports/bus-connection.ts';
import type { Clock } from '../../ports/clock.ts';
import { isUniqueName } from '../../wire/dbus/names.ts';

interface Pending {
  readonly destination: string;
  readonly answerLimit: number;
  readonly done: (result: CallResult) => void;
  readonly timer: Disposable;
}

/** A system bus lets a connection wait for 128 answers (dbus-daemon(1), max_replies_per_connection). */
const maxPending = 64;
const defaultTimeout: Millis = millis(10_000);
/** The name of the bus itself. */
export const busName = 'org.freedesktop.DBus';

/** The result of a failed call; `name` is a D-Bus error name. */
export const failure = (name: string, message: string): CallResult => ({ ok: false, name, message });

/** Calls that wait for answers, each with its timeout. */
export class PendingCalls {
  readonly #clock: Clock;
  readonly #pending = new Map<number, Pending>();
  #serial = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isFull(): boolean {
    return this.#pending.size >= maxPending;
  }

  /** Returns the serial for a call; `done` is called once, whatever happens. */
  add(call: BusCall, done: (result: CallResult) => void): number {
    const { destination, timeout = defaultTimeout, answerLimit = 0 } = call;
    const serial = this.#nextSerial();
    const timer = this.#clock.schedule(timeout, () => {
      this.#take(serial)?.(failure(BusFailure.timedOut, `${destination}: no answer`));
    });
    this.#pending.set(serial, { destination, answerLimit, done, timer });
    return serial;
  }

  /** The longest answer that is read, in bytes; 0 where no call waits for it. */
  answerLimit(serial: number, sender: string | undefined): number {
    const pending = this.#pending.get(serial);
    return pending !== undefined && mayAnswer(pending.destination, sender) ? pending.answerLimit : 0;
  }

  /**
   * The callback that waits for this answer. Undefined where no call waits for it, or where the sender is
   * neither the one that was called nor the bus.
   */
  answered(serial: number, sender: string | undefined): ((result: CallResult) => void) | undefined {
    const { destination } = this.#pending.get(serial) ?? {};
    return destination !== undefined && mayAnswer(destination, sender) ? this.#take(serial) : undefined;
  }

  /** Fails every call. */
  failAll(reason: string): void {
    for (const serial of [...this.#pending.keys()]) {
      this.#take(serial)?.(failure(BusFailure.disconnected, reason));
    }
  }

  #take(serial: number): ((result: CallResult) => void) | undefined {
    const pending = this.#pending.get(serial);
    if (pending === undefined) return undefined;
    this.#pending.delete(serial);
    pending.timer[Symbol.dispose]();
    return pending.done;
  }

  /** 1 to 2^32 - 1, and not one that is waited for. */
  #nextSerial(): number {
    do this.#serial = this.#serial === 0xffff_ffff ? 1 : this.#serial + 1;
    while (this.#pending.has(this.#serial));
    return this.#serial;
  }
}

/** For a well-known name the bus alone knows who may answer. */
function mayAnswer(destination: string, sender: string | undefined): boolean {
  const isExact = isUniqueName(destination) || destination === busName;
  return !isExact || sender === destination || sender === busName;
}
