/** A shell that stays open inside the lab: a command costs what it costs itself, not a new entrance (about 30 ms). */

import { waitUntil } from '../../src/testing/wait-until.ts';
import type { RunResult } from './lab-process.ts';
import { type Entrance, LabProcess } from './lab-process.ts';

export class LabShell implements AsyncDisposable {
  readonly #process: LabProcess;
  #stdout = '';
  #stderr = '';
  #calls = 0;

  private constructor(process: LabProcess) {
    this.#process = process;
  }

  static async open(entrance: Entrance): Promise<LabShell> {
    return new LabShell(await LabProcess.start(entrance, ['sh']));
  }

  /** Runs a script (POSIX sh, in a subshell of its own) and waits for its end. One at a time. A call that is late leaves the shell useless. */
  async run(script: string, deadlineMs = 30_000): Promise<RunResult> {
    this.#calls += 1;
    const mark = `-- end of call ${this.#calls}:`;
    this.#process.write(
      `(\n${script}\n) </dev/null\ncode=$?\nprintf '\\n%s\\n' '${mark}' >&2\nprintf '\\n%s %d\\n' '${mark}' $code\n`,
    );
    const done = (): RunResult | undefined => this.#answer(mark);
    return await waitUntil(`the lab's shell to finish: ${script}`, done, deadlineMs, () => this.#stderr);
  }

  #answer(mark: string): RunResult | undefined {
    const written = this.#process.take();
    this.#stdout += written.stdout;
    this.#stderr += written.stderr;
    const outEnd = this.#stdout.indexOf(`\n${mark} `);
    const errEnd = this.#stderr.indexOf(`\n${mark}\n`);
    const lineEnd = outEnd < 0 ? -1 : this.#stdout.indexOf('\n', outEnd + 1);
    if (lineEnd < 0 || errEnd < 0) return undefined;
    const result: RunResult = {
      code: Number(this.#stdout.slice(outEnd + mark.length + 2, lineEnd)),
      stdout: this.#stdout.slice(0, outEnd),
      stderr: this.#stderr.slice(0, errEnd),
    };
    this.#stdout = '';
    this.#stderr = '';
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
