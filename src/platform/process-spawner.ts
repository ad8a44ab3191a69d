/** Starts programs with the addon. */
import { millis } from '../core/model/ids.ts';
import type {
  ProcessEnd,
  ProcessSpawner,
  SpawnedProcess,
  SpawnOutcome,
  SpawnRequest,
} from '../ports/process-spawner.ts';
import type { Native, NativeChildResult } from './native.ts';

export class NativeProcessSpawner implements ProcessSpawner {
  readonly #native: Pick<Native, 'childSpawn' | 'childKill' | 'childRelease'>;

  constructor(native: Pick<Native, 'childSpawn' | 'childKill' | 'childRelease'>) {
    this.#native = native;
  }

  spawn(request: SpawnRequest): SpawnOutcome {
    const { promise: ended, resolve } = Promise.withResolvers<ProcessEnd>();
    const group = new ProcessGroup(this.#native);
    try {
      const { pid, startTime } = this.#native.childSpawn({
        file: request.file,
        argv: request.argv,
        env: Object.entries(request.environment).map(([name, value]) => `${name}=${value}`),
        cwd: request.cwd,
        stdin: request.stdin,
        outputLimit: request.outputLimit,
        ...(request.note !== undefined && { note: request.note.bytes, noteFd: request.note.descriptor }),
        onExit: (result) => {
          resolve(endOf(result));
          return group.end();
        },
      });
      return { ok: true, process: group.started(pid, startTime, ended) };
    } catch (error) {
      if (error instanceof Error && 'errno' in error && 'code' in error) {
        return { ok: false, code: String(error.code) };
      }
      throw error;
    }
  }
}

/**
 * Which signals can still be sent: once the addon has reaped the leader, another process may have its number.
 */
class ProcessGroup {
  readonly #native: Pick<Native, 'childKill' | 'childRelease'>;
  #pid = 0;
  #isReserved = false;
  #state: 'running' | 'reserved' | 'gone' = 'running';

  constructor(native: Pick<Native, 'childKill' | 'childRelease'>) {
    this.#native = native;
  }

  started(pid: number, startTime: number, ended: Promise<ProcessEnd>): SpawnedProcess {
    this.#pid = pid;
    return {
      pid,
      startTime,
      ended,
      signal: (number) => this.#state !== 'gone' && this.#native.childKill(pid, number) === 0,
      reserve: () => {
        this.#isReserved = true;
      },
      release: () => this.#release(),
    };
  }

  /** The leader has ended. Returns whether the addon must keep its number reserved. */
  end(): boolean {
    this.#state = this.#isReserved ? 'reserved' : 'gone';
    return this.#isReserved;
  }

  #release(): void {
    this.#isReserved = false;
    if (this.#state === 'reserved') this.#native.childRelease(this.#pid);
    if (this.#state === 'reserved') this.#state = 'gone';
  }
}

function endOf(result: NativeChildResult): ProcessEnd {
  return {
    code: result.code,
    signal: result.signal,
    stdout: result.stdout,
    stderr: result.stderr,
    dropped: result.dropped,
    outputStillOpen: result.outputStillOpen,
    cpu: millis((result.userMicros + result.systemMicros) / 1000),
    duration: millis(result.durationMicros / 1000),
  };
}
