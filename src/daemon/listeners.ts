/** Which hook directories have something to run, looked up once in a step: a storm asks ten thousand times a second. */
import type { HookDirectory } from '../core/event.ts';

export class Listeners {
  readonly #look: (directory: HookDirectory) => boolean;
  readonly #known = new Map<HookDirectory, boolean>();

  constructor(look: (directory: HookDirectory) => boolean) {
    this.#look = look;
  }

  hears(directory: HookDirectory): boolean {
    const known = this.#known.get(directory);
    if (known !== undefined) return known;
    const found = this.#look(directory);
    this.#known.set(directory, found);
    return found;
  }

  /** A step is over: before the next one files may come and go. */
  lookAgain(): void {
    this.#known.clear();
  }
}
