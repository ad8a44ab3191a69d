/** Reports of `ip monitor` about a link's carrier, which a daemon's reports are compared with. */
import { type ChildProcess, spawn } from 'node:child_process';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { ip } from './links.ts';

export class CarrierMonitor implements Disposable {
  readonly #link: string;
  readonly #process: ChildProcess;
  #output = '';

  constructor(link: string) {
    this.#link = link;
    this.#process = spawn('ip', ['-o', '-d', 'monitor', 'link'], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process.stdout?.on('data', (chunk: Buffer) => {
      this.#output += chunk.toString();
    });
  }

  /** It prints nothing when it starts, so the link is changed until a line appears. */
  async listening(): Promise<void> {
    for (let i = 0; !this.#output.includes('hello'); i++) {
      ip(`link set ${this.#link} alias hello-${i}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async printed(text: string): Promise<void> {
    await waitUntil(`ip monitor to print ${text}`, () => this.#output.includes(text));
  }

  /** Each change of carrier since it listened, while the link was up. */
  transitions(): ('carrier' | 'no-carrier')[] {
    const states = this.#output
      .split('\n')
      .filter((line) => line.includes(`: ${this.#link}@`) && /[<,]UP[,>]/.test(line))
      .map((line) => (line.includes('NO-CARRIER') ? 'no-carrier' : 'carrier'));
    return states.filter((state, i) => i > 0 && state !== states[i - 1]);
  }

  [Symbol.dispose](): void {
    this.#process.kill();
  }
}
