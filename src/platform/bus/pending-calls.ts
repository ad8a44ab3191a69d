/** Calls whose answers are awaited: a bounded number, each until its time is over. */
import { type Millis, millis } from '../../core/ids.ts';
import { BusFailure, type CallResult } from '../../ports/bus-connection.ts';
import type { Clock } from '../../ports/clock.ts';
import { isUniqueName } from '../../wire/dbus/names.ts';

interface Pending {
  readonly destination: string;
  readonly done: (result: CallResult) => void;
  readonly timer: Disposable;
}

/** Where a system bus lets a connection wait for 128 answers (dbus-daemon(1), max_replies_per_connection). */
const maxPending = 64;
const defaultTimeout: Millis = millis(10_000);
/** The name of the bus itself. */
export const busName = 'org.freedesktop.DBus';

export const failure = (name: string, message: string): CallResult => ({ ok: false, name, message });

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

  /** The serial for a call to `destination`; `done` is called once, whatever happens. */
  add(destination: string, timeout: Millis | undefined, done: (result: CallResult) => void): number {
    const serial = this.#nextSerial();
    const timer = this.#clock.schedule(timeout ?? defaultTimeout, () => {
      this.#take(serial)?.(failure(BusFailure.timedOut, `${destination} does not answer`));
    });
    this.#pending.set(serial, { destination, done, timer });
    return serial;
  }

  /**
   * Who waits for this answer; undefined where nobody does any more, or where somebody else answers than was asked: it
   * can be the one that was called, or the bus in its place.
   */
  answered(serial: number, sender: string | undefined): ((result: CallResult) => void) | undefined {
    const { destination } = this.#pending.get(serial) ?? {};
    if (destination === undefined) return undefined;
    const isExact = isUniqueName(destination) || destination === busName;
    if (isExact && sender !== destination && sender !== busName) return undefined;
    return this.#take(serial);
  }

  /** No answer comes any more. */
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

  /** 1 to 2^32 - 1, and not one that is awaited. */
  #nextSerial(): number {
    do this.#serial = this.#serial === 0xffff_ffff ? 1 : this.#serial + 1;
    while (this.#pending.has(this.#serial));
    return this.#serial;
  }
}
