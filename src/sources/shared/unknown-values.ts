/** Logs values of a manager that netevd does not know: each once, up to a limit. */
import type { Logger } from '../../ports/logger.ts';

/** A manager that sends ever new values must fill neither the log nor the memory. */
const maxReported = 100;

export class UnknownValues {
  readonly #log: Logger;
  readonly #reported = new Set<string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** `manager`: its name as the operator knows it. `value`: what it sent. */
  report(manager: string, value: string): void {
    const key = `${manager} ${value}`;
    if (this.#reported.has(key) || this.#reported.size >= maxReported) return;
    this.#reported.add(key);
    this.#log.warn(`${manager}: unknown value left out: '${value}'`, { messageId: 'valueRejected' });
  }
}
