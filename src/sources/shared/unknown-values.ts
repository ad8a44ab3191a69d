/** Words of a manager that are on no list of ours: each is told once, and of many the first. */
import type { Logger } from '../../ports/logger.ts';

/** A manager that makes words up must not fill the log, nor the memory. */
const mostTold = 100;

export class UnknownValues {
  readonly #log: Logger;
  readonly #told = new Set<string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** `said`: who says what, as the beginning of a sentence. */
  warning(said: string): void {
    if (this.#told.has(said) || this.#told.size >= mostTold) return;
    this.#told.add(said);
    this.#log.warn(`${said}, which netevd does not know: it is left out`, { messageId: 'valueRejected' });
  }
}
