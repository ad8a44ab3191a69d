/** The reports of managers on the bus of a lab, as busctl(1) receives them, to compare hooks with. */
import type { Lab } from './lab.ts';
import type { LabProcess } from './lab-process.ts';

interface Signal {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly payload: { readonly data: readonly unknown[] };
}

type Variants = Readonly<Record<string, { readonly data: unknown }>>;

/** Removes consecutive repeats. */
export const withoutRepeats = (words: readonly string[]): string[] =>
  words.filter((word, i) => word !== words[i - 1]);

export class BusMonitor implements AsyncDisposable {
  readonly #process: LabProcess;

  private constructor(process: LabProcess) {
    this.#process = process;
  }

  /** Records the signals of both managers from now on. */
  static async start(lab: Lab): Promise<BusMonitor> {
    const matches = ['org.freedesktop.network1', 'org.freedesktop.NetworkManager'].map(
      (sender) => `--match=type='signal',sender='${sender}'`,
    );
    const process = await lab.spawn(['busctl', '--json=short', ...matches, 'monitor']);
    await lab.until('busctl to listen', () => process.stderr.includes('Monitoring'));
    return new BusMonitor(process);
  }

  /** The values of a property of a link that networkd reported, without repeats. */
  networkd(index: number, property: string): string[] {
    const label = `_3${String(index)}`;
    const path = `/org/freedesktop/network1/link/${label}`;
    const words = this.#signals()
      .filter((signal) => signal.path === path && signal.member === 'PropertiesChanged')
      .flatMap((signal) => {
        const changed = signal.payload.data[1] as Variants;
        const value = changed[property]?.data;
        return typeof value === 'string' ? [value] : [];
      });
    return withoutRepeats(words);
  }

  /** States of devices that NetworkManager reported, as numbers. */
  deviceStates(): number[] {
    const name = 'org.freedesktop.NetworkManager.Device';
    return this.#signals()
      .filter((signal) => signal.interface === name && signal.member === 'StateChanged')
      .map((signal) => Number(signal.payload.data[0]));
  }

  /** From now on it knows only what comes. */
  forget(): void {
    this.#process.take();
  }

  #signals(): readonly Signal[] {
    const lines = this.#process.stdout
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'));
    return lines.map((line) => JSON.parse(line) as Signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
