/**
 * The daemon without its surroundings: engine, queue and book as they are, a kernel of numbers, a disk that is a list, hooks
 * that take as long as the test says. It can end between any two of its steps, and be started again.
 */
import assert from 'node:assert/strict';
import type { Effect } from '../../src/core/effect.ts';
import type { EnginePolicy, Moment } from '../../src/core/engine-options.ts';
import type { HookRunOrder } from '../../src/core/hooks/hook-order.ts';
import type { HookRun } from '../../src/core/hooks/hook-run.ts';
import type { JournalEntry, JournalSnapshot } from '../../src/core/journal/entries.ts';
import { JournalFold } from '../../src/core/journal/fold.ts';
import { restoreState } from '../../src/core/journal/restore-state.ts';
import { findUnfinishedRuns } from '../../src/core/journal/unfinished-runs.ts';
import { emptyState } from '../../src/core/model/empty-state.ts';
import type { NetworkEvent } from '../../src/core/model/event.ts';
import type { Fact, NetworkdReport } from '../../src/core/model/fact.ts';
import { type EventId, type IfIndex, instant, millis, timestamp } from '../../src/core/model/ids.ts';
import type { State } from '../../src/core/model/state.ts';
import {
  type AdministrativeState,
  hasCarrier,
  type OperationalState,
} from '../../src/core/model/vocabulary.ts';
import type { LaunchNote } from '../../src/ports/process-spawner.ts';
import { type JournalWriter, RunJournal } from '../../src/store/journal/run-journal.ts';
import { CollectingEngine } from '../../src/testing/collecting-engine.ts';
import { KernelModel } from '../../src/testing/kernel-model.ts';
import { applyChange, type Projection, project } from '../../src/testing/projection.ts';
import { sampleEnginePolicy } from '../../src/testing/sample-policy.ts';
import { sampleNetworkdLink } from '../../src/testing/sample-state.ts';

export const scripts: readonly string[] = ['/hooks/10-a', '/hooks/20-b'];

/** One run of one script, as the script reports it. */
export interface Started {
  readonly life: number;
  readonly lane: string;
  readonly event: NetworkEvent;
  readonly script: string;
  readonly retry: boolean;
}

/** Where one lane's event has come to: which script, and what of it is done. */
interface Turn {
  readonly order: HookRunOrder;
  readonly waiting: string[];
  phase: 'ready' | 'starting' | 'running';
}

/** A journal whose entries are on disk only after a flush. A crash may save the first few unwritten ones. */
class Disk implements JournalWriter {
  /** As text: what comes back has been through JSON. */
  readonly lines: string[] = [];
  #waiting: string[] = [];

  add(entry: JournalEntry): void {
    this.#waiting.push(JSON.stringify(entry));
  }

  noteOf(entry: JournalEntry): LaunchNote {
    return { descriptor: -1, bytes: new TextEncoder().encode(JSON.stringify(entry)) };
  }

  /** What a process that starts writes by itself. */
  append({ bytes }: LaunchNote): void {
    this.lines.push(new TextDecoder().decode(bytes));
  }

  beginEpoch(): void {
    throw new Error('nothing here begins an epoch');
  }

  flush(): { readonly ok: true } {
    this.lines.push(...this.#waiting.splice(0));
    return { ok: true };
  }

  crash(saved: number): void {
    this.lines.push(...this.#waiting.slice(0, saved));
    this.#waiting = [];
  }

  read(): JournalEntry[] {
    return this.lines.map((line) => JSON.parse(line) as JournalEntry);
  }
}

function keptOn(disk: Disk): JournalSnapshot {
  const kept = new JournalFold();
  for (const entry of disk.read()) kept.add(entry);
  return kept.snapshot();
}

const { acknowledged: _, ...sampleReport } = sampleNetworkdLink();

const policy: EnginePolicy = sampleEnginePolicy({
  limits: { debounce: millis(50), maxParallel: 2, queueLimit: 1000 },
});

/** Milliseconds after which every value counts as still, also that of an address in duplicate address detection. */
const longestUnrest = 5000;

export class SimulatedDaemon {
  readonly kernel: KernelModel = new KernelModel();
  readonly started: Started[] = [];
  readonly disk: Disk = new Disk();
  life = 0;
  #time = 0;
  #engine: CollectingEngine = this.#newEngine();
  #journal: RunJournal = this.#newBook();
  #turns: Turn[] = [];
  readonly #words = new Map<IfIndex, NetworkdReport>();

  get state(): State {
    return this.#engine.snapshot.state;
  }

  get isIdle(): boolean {
    const { waiting, running } = this.#engine.snapshot.load;
    return this.#turns.length === 0 && waiting + running === 0;
  }

  /** Events whose scripts have not all run, by the journal. */
  get owed(): readonly EventId[] {
    return keptOn(this.disk).pending.map(({ event }) => event.id);
  }

  observe(facts: readonly Fact[]): void {
    // networkd reports nothing about a link that is gone, and another link may have its index.
    for (const fact of facts) if (fact.kind === 'linkVanished') this.#words.delete(fact.index);
    this.#carryOut(this.#engine.observe(facts, this.#moment()));
  }

  /** Reads what is doubted. */
  answer(): void {
    const { invalidations } = this.state.kernel;
    if (invalidations.all !== undefined)
      this.observe([{ kind: 'kernelRead', snapshot: this.kernel.snapshot() }]);
    for (const family of [4, 6] as const) {
      const invalidation = family === 4 ? invalidations.ipv4Routes : invalidations.ipv6Routes;
      if (invalidation !== undefined)
        this.observe([{ kind: 'routesRead', family, routes: this.kernel.routes(family) }]);
    }
  }

  pass(time: number): void {
    this.#time += time;
    this.#carryOut(this.#engine.wake(this.#moment()));
  }

  /** networkd reports a state of a present link; its carrier state is the kernel's. */
  say(index: IfIndex, operational: OperationalState, administrative: AdministrativeState): void {
    const report = this.#report(index, operational, administrative);
    if (report === undefined) return;
    this.#words.set(index, report);
    this.observe([{ kind: 'networkdLinkObserved', index, link: report }]);
  }

  /** What a complete read of networkd returns. */
  readNetworkd(): void {
    const links = new Map<IfIndex, NetworkdReport>();
    for (const [index, { operational, administrative }] of this.#words) {
      const report = this.#report(index, operational, administrative);
      if (report !== undefined) links.set(index, report);
    }
    this.observe([{ kind: 'networkdAppeared' }, { kind: 'networkdRead', host: {}, links }]);
  }

  #report(
    index: IfIndex,
    said: OperationalState,
    administrative: AdministrativeState,
  ): NetworkdReport | undefined {
    const link = this.state.kernel.links.get(index);
    if (link === undefined) return undefined;
    const { carrierState } = link;
    const below = hasCarrier(said) ? 'no-carrier' : said;
    const above = hasCarrier(said) ? said : 'carrier';
    const operational = hasCarrier(carrierState) ? above : below;
    return { ...sampleReport, operational, administrative, carrierState };
  }

  /** One step of one of the hooks under way. */
  advance(choice: number): void {
    const turn = this.#turns[choice % Math.max(this.#turns.length, 1)];
    if (turn === undefined) return;
    const { event } = turn.order;
    const [script] = turn.waiting;
    if (script === undefined) {
      this.#journal.done(event.id);
      this.#turns = this.#turns.filter((other) => other !== turn);
      this.#carryOut(this.#engine.hooksFinished(turn.order.lane, this.#moment()));
      return;
    }
    const entry = { eventId: event.id, path: script };
    if (turn.phase === 'ready') {
      this.#journal.starting(entry);
      turn.phase = 'starting';
    } else if (turn.phase === 'starting') {
      const retry = turn.order.payload.resume?.uncertain.has(script) === true;
      const note = this.#journal.launchNote(entry);
      if (note !== undefined) this.disk.append(note);
      this.started.push({ life: this.life, lane: turn.order.lane, event, script, retry });
      turn.phase = 'running';
    } else {
      this.#journal.started(entry, { pid: 1000, startTime: 1 });
      this.#journal.finished(entry, {} as HookRun);
      turn.waiting.shift();
      turn.phase = 'ready';
    }
  }

  /** Ends at once; of what was not flushed yet, the first `saved` entries had reached the disk. */
  crash(saved: number): void {
    this.disk.crash(saved);
    this.life++;
    this.#turns = [];
    this.#engine = this.#newEngine();
    this.#journal = this.#newBook();
  }

  /** Everything that waits runs, and everything that must be still for a while has been. */
  finish(): void {
    let i = 0;
    do {
      assert(i < 100_000, 'it never ends');
      this.pass(longestUnrest);
      this.answer();
      this.advance(i++);
    } while (!this.isIdle);
  }

  #newEngine(): CollectingEngine {
    const whole = keptOn(this.disk);
    const { pending } = findUnfinishedRuns(whole, () => undefined);
    return new CollectingEngine({
      policy,
      lastSeq: whole.lastSeq,
      ...(whole.complete && {
        recovered: {
          state: restoreState(whole, 'auto'),
          pending,
          ...(whole.reported !== undefined && { reported: new Map(whole.reported) }),
        },
      }),
    });
  }

  #newBook(): RunJournal {
    return new RunJournal(this.disk, { onTrouble: assert.fail, onMended: assert.fail });
  }

  #moment(): Moment {
    return { now: instant(this.#time), wall: timestamp(this.#time) };
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'publish') this.#journal.record(effect.activity);
      if (effect.kind === 'runHooks') this.#take(effect.order);
    }
    this.#journal.flush();
  }

  #take(order: HookRunOrder): void {
    this.#journal.taken(order);
    const done = order.payload.resume?.done;
    const waiting = scripts.filter((script) => done?.has(script) !== true);
    this.#turns.push({ order, waiting, phase: 'ready' });
  }
}

type Found = JournalEntry & { readonly kind: 'found' };

/** The content of the journal, from its first entry to its last. */
export class BookStory {
  readonly known: Projection = project(emptyState('auto'));
  readonly noted: Map<EventId, NetworkEvent> = new Map();
  /** Events by the one that stands for them. */
  readonly standsFor: Map<EventId, EventId> = new Map();
  readonly superseded: Set<EventId> = new Set();

  /** Throws where an entry does not fit those before it. */
  constructor(entries: readonly JournalEntry[]) {
    for (const entry of entries) {
      if (entry.kind === 'found') this.#found(entry);
      if (entry.kind === 'taken') for (const id of entry.covers) this.standsFor.set(id, entry.id);
    }
  }

  #found({ changes, events, superseded }: Found): void {
    for (const change of changes) applyChange(this.known, change);
    for (const event of events) {
      assert(!this.noted.has(event.id), `event ${event.id} was noted twice`);
      this.noted.set(event.id, event);
    }
    for (const id of superseded) this.superseded.add(id);
  }
}
