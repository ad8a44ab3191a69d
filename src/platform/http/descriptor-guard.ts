/**
 * Keeps descriptors free for hooks: where too many are open, TCP stops listening for a while. Bun's accept loop would spin
 * at the limit, and nothing else could open a pipe.
 */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { millis } from '../../core/model/ids.ts';
import type { Clock } from '../../ports/clock.ts';

export interface GuardedListener {
  /** Stops listening; `atOnce`: and closes what is connected. */
  pause(atOnce: boolean): void;
  resume(): void;
}

export interface DescriptorGuardParts {
  readonly clock: Clock;
  readonly listener: GuardedListener;
  /** RLIMIT_NOFILE, soft. */
  readonly limit: number;
  /** The lowest descriptor that is free; undefined where there is none. */
  readonly lowestFree: () => number | undefined;
  /** Called when listening stops and when it goes on. */
  readonly onChange: (isPaused: boolean) => void;
}

const pauseTime = millis(10_000);
/** Below this a flood fills the table within the longer interval. */
const smallLimit = 4096;

export class DescriptorGuard implements Disposable {
  readonly #parts: DescriptorGuardParts;
  #timer: Disposable | undefined;

  constructor(parts: DescriptorGuardParts) {
    this.#parts = parts;
    this.#look();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #look(): void {
    const { clock, limit, lowestFree, listener, onChange } = this.#parts;
    const used = lowestFree() ?? limit;
    if (used < limit * 0.8) {
      this.#timer = clock.schedule(millis(limit < smallLimit ? 100 : 1000), () => this.#look());
      return;
    }
    // Nearly all: whoever floods keeps them until they time out, and hooks need some now.
    listener.pause(used >= limit * 0.9);
    onChange(true);
    this.#timer = clock.schedule(pauseTime, () => {
      listener.resume();
      onChange(false);
      this.#look();
    });
  }
}

/** RLIMIT_NOFILE of this process: what the runtime has raised it to. */
export function descriptorLimit(): number {
  const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return soft === undefined || soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/** open(2) takes the lowest one that is free. */
export function lowestFreeDescriptor(): number | undefined {
  try {
    const descriptor = openSync('/dev/null', 'r');
    closeSync(descriptor);
    return descriptor;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EMFILE') return undefined;
    throw error;
  }
}
