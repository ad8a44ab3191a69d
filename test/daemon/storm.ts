/** Things that happen to a network, at random but by a seed, for as long as one likes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Cable, ip } from './links.ts';

/** Numbers from a seed (mulberry32), so that a failure can be repeated. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 to `below`, which is not among them. */
  roll(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.roll(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}

/** Two links whose carrier comes and goes, one whose addresses and size do, one that itself does. */
export class Storm implements AsyncDisposable {
  readonly #dice: Dice;
  readonly #cables: readonly Cable[];
  readonly #batches: readonly [here: ChildProcess, there: ChildProcess];
  readonly #present = new Set<string>();
  #hasGuest = false;
  #isOver = false;
  #running: Promise<void> | undefined;
  /** Things that have happened. */
  count = 0;

  constructor(dice: Dice) {
    this.#dice = dice;
    this.#cables = [new Cable('flap0', 1), new Cable('flap1', 2), new Cable('addr0', 3)];
    for (const cable of this.#cables) {
      ip(`link set ${cable.name} addrgenmode none`);
      cable.up();
      cable.plug();
    }
    const batch = (...words: string[]): ChildProcess =>
      spawn('ip', [...words, '-force', '-batch', '-'], { stdio: ['pipe', 'ignore', 'ignore'] });
    this.#batches = [batch(), batch('-n', 'switch')];
  }

  /** One thing after the other, `pace` ms apart on average. */
  start(pace: number): void {
    this.#running = this.#blow(pace);
  }

  /** The last thing has happened when it resolves. */
  async calm(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    for (const { stdin } of this.#batches) stdin?.end();
    await Promise.all(this.#batches.map((batch) => batch.exitCode ?? once(batch, 'exit')));
  }

  async #blow(pace: number): Promise<void> {
    while (!this.#isOver) {
      this.#happen();
      this.count++;
      await new Promise((resolve) => setTimeout(resolve, this.#dice.roll(2 * pace)));
    }
  }

  #happen(): void {
    const chance = this.#dice.roll(10);
    const [here, there] = this.#batches;
    if (chance < 4) {
      const name = this.#dice.pick(['flap0p', 'flap1p']);
      there.stdin?.write(`link set ${name} ${this.#dice.pick(['up', 'down'])}\n`);
    } else if (chance < 8) {
      here.stdin?.write(`${this.#address()}\n`);
    } else if (chance < 9) {
      here.stdin?.write(`link set addr0 mtu ${1400 + this.#dice.roll(4)}\n`);
    } else {
      this.#hasGuest = !this.#hasGuest;
      here.stdin?.write(this.#hasGuest ? 'link add guest0 index 1009 type ifb\n' : 'link del guest0\n');
    }
  }

  #address(): string {
    const address = `192.0.2.${10 + this.#dice.roll(8)}/24`;
    const isThere = this.#present.delete(address);
    if (!isThere) this.#present.add(address);
    return `addr ${isThere ? 'del' : 'add'} ${address} dev addr0`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.calm();
    for (const cable of this.#cables) cable[Symbol.dispose]();
    if (ip('-br link show').includes('guest0')) ip('link del guest0');
  }
}
