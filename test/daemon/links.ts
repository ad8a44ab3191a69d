/** Links of a private network, made and changed as an operator would. */
import { execFileSync } from 'node:child_process';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { assertPrivate } from '../namespace/private.ts';

/** Runs `ip` with these arguments; throws with its output if it fails. */
export function ip(words: string): string {
  assertPrivate();
  return execFileSync('ip', words.split(' '), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Many commands in one process. */
export function ipBatch(commands: readonly string[]): void {
  assertPrivate();
  execFileSync('ip', ['-batch', '-'], { input: `${commands.join('\n')}\n`, stdio: ['pipe', 'pipe', 'pipe'] });
}

/**
 * A link with the other end of its cable in another namespace, where it does not disturb. The two ends have different
 * indexes: with equal ones the kernel may report a loss of carrier a second late.
 */
export class Cable implements Disposable {
  readonly name: string;
  readonly #index: number;

  constructor(name: string, index: number) {
    this.name = name;
    this.#index = 1000 + index;
    switchboard();
    ip(
      `link add ${name} index ${1000 + index} type veth peer name ${name}p index ${2000 + index} netns switch`,
    );
  }

  up(): void {
    ip(`link set ${this.name} up`);
  }

  plug(): void {
    ip(`-n switch link set ${this.name}p up`);
  }

  unplug(): void {
    ip(`-n switch link set ${this.name}p down`);
  }

  /** The kernel tells of a carrier when it comes to it, and of two changes in a row perhaps not at all: so wait. */
  async carrier(state: 'on' | 'off'): Promise<void> {
    if (state === 'on') this.plug();
    else this.unplug();
    const index = this.#index;
    await waitUntil(
      `the carrier of link ${index} to be ${state}`,
      () => hasCarrier(index) === (state === 'on'),
    );
  }

  [Symbol.dispose](): void {
    try {
      ip(`-n switch link del ${this.name}p`);
    } catch {
      // It is gone already: the test took it out.
    }
  }
}

function switchboard(): void {
  if (!ip('netns list').includes('switch')) ip('netns add switch');
}

function hasCarrier(index: number): boolean {
  const links = JSON.parse(ip('-j link show')) as { readonly ifindex: number; readonly operstate: string }[];
  return links.find(({ ifindex }) => ifindex === index)?.operstate === 'UP';
}
