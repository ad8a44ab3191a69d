/** Makes many calls, a few at a time: a bus bounds how many answers each connection may wait for. */
import type { BusCall, BusConnection, CallResult } from '../../ports/bus-connection.ts';

const width = 16;

export class CallWindow {
  readonly #bus: Pick<BusConnection, 'call'>;
  readonly #waiting: { readonly call: BusCall; readonly done: (result: CallResult) => void }[] = [];
  #running = 0;
  #isOver = false;

  constructor(bus: Pick<BusConnection, 'call'>) {
    this.#bus = bus;
  }

  /** Calls in the order of the pushes. `done` is called with the answer, unless the window was closed. */
  push(call: BusCall, done: (result: CallResult) => void): void {
    this.#waiting.push({ call, done });
    this.#fill();
  }

  /** Makes no further call and passes on no further answer. */
  close(): void {
    this.#isOver = true;
    this.#waiting.length = 0;
  }

  #fill(): void {
    while (this.#running < width) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#running += 1;
      this.#bus.call(next.call, (result) => {
        this.#running -= 1;
        if (this.#isOver) return;
        next.done(result);
        this.#fill();
      });
    }
  }
}
