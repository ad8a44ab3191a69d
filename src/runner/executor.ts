/** Decides about each request and runs what may run, once. Keeps the ends of runs for a daemon that asks again. */
import { createHash } from 'node:crypto';
import type { DelegatedHook, DelegatedReport, RunnerAnswer } from '../core/hooks/delegation.ts';
import { type HookContext, renderHookEvent } from '../core/hooks/environment.ts';
import type { HookOutcome } from '../core/hooks/hook-run.ts';
import { type Millis, millis } from '../core/model/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { ProcessSpawner } from '../ports/process-spawner.ts';
import type { Admission, RunKey } from './accepted-runs.ts';
import type { Granted, Judgement } from './judge.ts';
import { parseRequest } from './request.ts';
import { awaitUnit, emptyReport, runUnit } from './run-unit.ts';

export interface ExecutorSettings {
  /** `hooks.timeout_sec`, for hooks whose file names none. */
  readonly timeout: Millis;
  readonly killGrace: Millis;
  readonly outputLimit: number;
  readonly context: Omit<HookContext, 'home' | 'user'>;
}

export interface ExecutorParts {
  readonly spawner: ProcessSpawner;
  readonly clock: Clock;
  readonly log: Logger;
  readonly accepted: { look(key: RunKey): Admission; note(key: RunKey): boolean };
  judge(hook: DelegatedHook): Judgement;
}

/** A request that is answered: at once with `accepted`, and later with the report. */
export interface Accepted {
  readonly accepted: RunnerAnswer & { readonly kind: 'accepted' };
  readonly report: Promise<DelegatedReport>;
}

/** Reports that are kept for a daemon that was killed meanwhile. */
const keptReports = 64;
/** Hooks at the same time. Whoever has the daemon's user can ask and close the connection, so connections are no limit. */
const maxRunning = 64;
/** Beyond time-out and grace: the service manager's own work on a busy machine. */
const margin = 60_000;

export class HookExecutor {
  readonly #parts: ExecutorParts;
  readonly #settings: ExecutorSettings;
  /** By unit: those that run, and the last ones that ended. */
  readonly #runs = new Map<string, Accepted>();
  #running = 0;

  constructor(parts: ExecutorParts, settings: ExecutorSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  /** Hooks that run now. */
  get running(): number {
    return this.#running;
  }

  /** Resolves when no hook runs, at the latest after `patience`. */
  async drain(patience: Millis): Promise<void> {
    const ended = Promise.all([...this.#runs.values()].map(({ report }) => report));
    const { promise: over, resolve } = Promise.withResolvers<void>();
    using _timer = this.#parts.clock.schedule(patience, resolve);
    await Promise.race([ended, over]);
  }

  /** Answers one line of a request. Never throws for what it says. */
  request(line: string): Accepted {
    const parsed = parseRequest(line);
    if (!parsed.ok) {
      this.#parts.log.warn(`request: refused, ${parsed.problem}`, { component: 'runner' });
      return this.#refused(
        'runner',
        `the request is not valid: ${parsed.problem}`,
        'report it: a request of netevd is',
      );
    }
    const { hook } = parsed;
    const key: RunKey = {
      eventId: String(hook.event.object['id']),
      directory: hook.directory,
      name: hook.name,
    };
    const unit = unitName(key);
    const known = this.#runs.get(unit);
    if (known !== undefined) return known;
    switch (this.#parts.accepted.look(key)) {
      case 'known':
        return this.#keep(unit, null, this.#recover(unit));
      case 'too-old':
        return this.#refused(
          'runner',
          'the event is too old to know whether it ran',
          'none: it does not run again',
        );
      case 'new':
        return this.#start(hook, key, unit);
    }
  }

  #start(hook: DelegatedHook, key: RunKey, unit: string): Accepted {
    const judgement = this.#parts.judge(hook);
    if (judgement.kind === 'refused') return this.#answered(judgement.outcome);
    if (this.#running >= maxRunning) {
      return this.#refused('runner', `${maxRunning} hooks run already`, 'look for what has so many events');
    }
    if (!this.#parts.accepted.note(key)) {
      return this.#refused('runner', 'the run cannot be noted', 'free space in /run');
    }
    const timeout = judgement.privileges.timeout ?? this.#settings.timeout;
    const limit = timeout === 0 ? null : millis(timeout + this.#settings.killGrace + margin);
    this.#log(hook, key, judgement);
    return this.#keep(unit, limit, this.#run(hook, judgement, unit, timeout));
  }

  #run(
    { directory, name, event }: DelegatedHook,
    granted: Granted,
    unit: string,
    timeout: Millis,
  ): Promise<DelegatedReport> {
    const { killGrace, outputLimit, context } = this.#settings;
    const { user, path, privileges } = granted;
    // The runner knows that it did not run before: never a retry.
    const input = renderHookEvent(event, { ...context, home: user.home, user: user.name }, false);
    const description = `netevd hook ${directory}.d/${name}`;
    const stdin = new TextEncoder().encode(input.json);
    const { environment } = input;
    const variables = Object.keys(environment);
    return runUnit(
      {
        ...{ unit, description, path, privileges, timeout, killGrace, outputLimit },
        ...{ user: user.name, environment, variables, stdin },
      },
      this.#parts,
    );
  }

  /** Of an earlier runner. */
  async #recover(unit: string): Promise<DelegatedReport> {
    const startedAt = this.#parts.clock.wall();
    const begin = this.#parts.clock.now();
    const outcome = await awaitUnit({ unit, timeout: this.#settings.timeout }, this.#parts);
    return { ...emptyReport(startedAt, outcome), duration: millis(this.#parts.clock.now() - begin) };
  }

  #keep(unit: string, limit: Millis | null, report: Promise<DelegatedReport>): Accepted {
    const run: Accepted = { accepted: { kind: 'accepted', limit }, report };
    this.#runs.set(unit, run);
    this.#running += 1;
    void report.then(() => {
      this.#running -= 1;
      // Behind all others: the oldest is dropped first.
      this.#runs.delete(unit);
      this.#runs.set(unit, run);
      this.#dropOld();
    });
    return run;
  }

  /** Those that run are the oldest entries at worst; none of them is dropped, because they are fewer than are kept. */
  #dropOld(): void {
    const surplus = this.#runs.size - this.#running - keptReports;
    for (const unit of [...this.#runs.keys()].slice(0, Math.max(0, surplus))) this.#runs.delete(unit);
  }

  #refused(code: 'runner', reason: string, remedy: string): Accepted {
    return this.#answered({ kind: 'refused', code, reason, remedy });
  }

  #answered(outcome: HookOutcome): Accepted {
    const report = Promise.resolve(emptyReport(this.#parts.clock.wall(), outcome));
    return { accepted: { kind: 'accepted', limit: millis(margin) }, report };
  }

  #log({ directory, name }: DelegatedHook, { eventId }: RunKey, { user, path, privileges }: Granted): void {
    const rights = privileges.capabilities.length === 0 ? 'no capability' : privileges.capabilities.join(' ');
    this.#parts.log.info(`${directory}.d/${name}: starts as user ${user.name} with ${rights}`, {
      component: 'runner',
      event: directory,
      script: path,
      eventId,
    });
  }
}

/** The same for the same hook of the same event: the service manager refuses a second one while the first is there. */
function unitName({ eventId, directory, name }: RunKey): string {
  const hash = createHash('sha256').update(`${eventId} ${directory} ${name}`).digest('hex').slice(0, 16);
  const seq = eventId.slice(eventId.indexOf('/') + 1);
  return `netevd-hook-${directory}-${seq}-${hash}.service`;
}
