/** A ProcessSpawner whose programs are functions: they end when the test ends them. */
import { millis } from '../core/model/ids.ts';
import type {
  ProcessEnd,
  ProcessSpawner,
  SpawnedProcess,
  SpawnOutcome,
  SpawnRequest,
} from '../ports/process-spawner.ts';

/** The actions of a program. */
export interface FakeProgram {
  readonly request: SpawnRequest;
  write(text: string): void;
  exit(code: number): void;
  /** Ends as by a signal. */
  die(signal: number): void;
  /** Called with each signal; without it every signal ends the program. */
  onSignal: ((signal: number) => void) | undefined;
}

export class FakeSpawner implements ProcessSpawner {
  /** By path. A path without a program is ENOENT; a text is an errno name. */
  readonly programs: Map<string, ((program: FakeProgram) => void) | string> = new Map();
  /** Every process that was started, oldest first. */
  readonly processes: FakeProcess[] = [];
  readonly #elapsed: () => number;

  /** `elapsed` returns milliseconds since any origin, for durations. */
  constructor(elapsed: () => number = () => 0) {
    this.#elapsed = elapsed;
  }

  spawn(request: SpawnRequest): SpawnOutcome {
    const program = this.programs.get(request.file) ?? 'ENOENT';
    if (typeof program === 'string') return { ok: false, code: program };
    const process = new FakeProcess(1000 + this.processes.length, request, this.#elapsed);
    this.processes.push(process);
    queueMicrotask(() => program(process));
    return { ok: true, process };
  }
}

export class FakeProcess implements SpawnedProcess, FakeProgram {
  readonly pid: number;
  readonly startTime = 1;
  readonly request: SpawnRequest;
  readonly ended: Promise<ProcessEnd>;
  readonly signals: number[] = [];
  onSignal: ((signal: number) => void) | undefined;
  readonly #finish: (end: ProcessEnd) => void;
  readonly #elapsed: () => number;
  readonly #begin: number;
  #output = new Uint8Array();
  #state: 'running' | 'reserved' | 'gone' = 'running';
  #isReserved = false;

  constructor(pid: number, request: SpawnRequest, elapsed: () => number) {
    this.pid = pid;
    this.request = request;
    this.#elapsed = elapsed;
    this.#begin = elapsed();
    const { promise, resolve } = Promise.withResolvers<ProcessEnd>();
    this.ended = promise;
    this.#finish = resolve;
  }

  /** Whether the process group can still be signalled. */
  get isReserved(): boolean {
    return this.#state !== 'gone';
  }

  write(text: string): void {
    this.#output = new Uint8Array([...this.#output, ...new TextEncoder().encode(text)]);
  }

  exit(code: number): void {
    this.#end(code, null);
  }

  die(signal: number): void {
    this.#end(null, signal);
  }

  signal(number: number): boolean {
    if (this.#state === 'gone') return false;
    this.signals.push(number);
    if (this.#state === 'reserved') return true;
    if (this.onSignal === undefined || number === 9) this.die(number);
    else this.onSignal(number);
    return true;
  }

  reserve(): void {
    this.#isReserved = true;
  }

  release(): void {
    this.#isReserved = false;
    if (this.#state === 'reserved') this.#state = 'gone';
  }

  #end(code: number | null, signal: number | null): void {
    if (this.#state !== 'running') return;
    this.#state = this.#isReserved ? 'reserved' : 'gone';
    const limit = this.request.outputLimit;
    this.#finish({
      code,
      signal,
      stdout: this.#output.slice(0, limit),
      stderr: new Uint8Array(),
      dropped: Math.max(0, this.#output.length - limit),
      outputStillOpen: false,
      cpu: millis(0),
      duration: millis(this.#elapsed() - this.#begin),
    });
  }
}
