/** Talks to the runner of privileged hooks over its socket: one connection for each hook. */
import type { Socket } from 'node:net';
import { type DelegatedHook, type DelegatedReport, runnerSocket } from '../core/hooks/delegation.ts';
import { encodeRequest } from '../core/hooks/encode-delegation.ts';
import { parseAnswer } from '../core/hooks/parse-answer.ts';
import { type Millis, millis } from '../core/model/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { DelegateResult, HookDelegate } from '../ports/hook-delegate.ts';

/** For the first answer: the service manager may have to start the runner. */
const answerTimeout: Millis = millis(30_000);
/** A runner that died is asked again: it runs nothing twice. */
const attempts = 5;
const retryAfter: Millis = millis(500);

type Attempt =
  | { readonly kind: 'ended'; readonly report: DelegatedReport }
  | { readonly kind: 'unreachable'; readonly code: string }
  /** Connected, and closed without a report. */
  | { readonly kind: 'closed' }
  /** Silent for longer than the hook may take. */
  | { readonly kind: 'silent' };

export class RunnerClient implements HookDelegate {
  readonly #clock: Clock;
  readonly #path: string;

  constructor(clock: Clock, path: string = runnerSocket) {
    this.#clock = clock;
    this.#path = path;
  }

  async run(hook: DelegatedHook, abort: AbortSignal): Promise<DelegateResult> {
    const request = encodeRequest(hook);
    let wasAccepted = false;
    for (let attempt = 1; ; attempt++) {
      if (abort.aborted) return { kind: 'abandoned' };
      const result = await this.#ask(request, abort, () => {
        wasAccepted = true;
      });
      if (result === 'abandoned') return { kind: 'abandoned' };
      if (result.kind === 'ended') return result;
      if (result.kind === 'unreachable' && !wasAccepted) return result;
      if (result.kind === 'silent' || attempt === attempts) return { kind: 'lost' };
      await this.#pause(abort);
    }
  }

  async #pause(abort: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    using _timer = this.#clock.schedule(retryAfter, resolve);
    abort.addEventListener('abort', () => resolve(), { once: true });
    await promise;
  }

  async #ask(request: string, abort: AbortSignal, onAccepted: () => void): Promise<Attempt | 'abandoned'> {
    // Loaded with the first such hook: a daemon without any does not have it in memory.
    const { connect } = await import('node:net');
    const { promise, resolve } = Promise.withResolvers<Attempt | 'abandoned'>();
    const socket = connect({ path: this.#path });
    const silent = (): void => resolve({ kind: 'silent' });
    let timer: Disposable | undefined = this.#clock.schedule(answerTimeout, silent);
    const onAbort = (): void => resolve('abandoned');
    abort.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => socket.write(request));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(failureOf(error)));
    socket.once('close', () => resolve({ kind: 'closed' }));
    readLines(socket, (line) => {
      const answer = parseAnswer(line);
      if (answer?.kind === 'ended') resolve(answer);
      if (answer?.kind !== 'accepted') return;
      onAccepted();
      timer?.[Symbol.dispose]();
      timer = answer.limit === null ? undefined : this.#clock.schedule(answer.limit, silent);
    });
    try {
      return await promise;
    } finally {
      timer?.[Symbol.dispose]();
      abort.removeEventListener('abort', onAbort);
      socket.destroy();
    }
  }
}

/** A connection that is reset was one. */
function failureOf({ code = 'EIO' }: NodeJS.ErrnoException): Attempt {
  return code === 'EPIPE' || code === 'ECONNRESET' ? { kind: 'closed' } : { kind: 'unreachable', code };
}

function readLines(socket: Socket, onLine: (line: string) => void): void {
  let rest = '';
  const decoder = new TextDecoder();
  socket.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
}
