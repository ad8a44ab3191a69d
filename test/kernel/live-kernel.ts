/** The kernel followed as the daemon follows it: source, fold, comparison and the planner of readings, and no more. */

import { diff } from '../../src/core/diff/diff.ts';
import type { Change } from '../../src/core/model/change.ts';
import { emptyState } from '../../src/core/model/empty-state.ts';
import type { Fact } from '../../src/core/model/fact.ts';
import { millis } from '../../src/core/model/ids.ts';
import type { State } from '../../src/core/model/state.ts';
import { reduce } from '../../src/core/reduce/reduce.ts';
import {
  emptyResyncMemory,
  planResync,
  type ResyncMemory,
  type ResyncRequest,
} from '../../src/core/resync/kernel-resync.ts';
import { SystemClock } from '../../src/platform/clock.ts';
import { loadNative } from '../../src/platform/native.ts';
import { KernelNetlinkChannel } from '../../src/platform/netlink.ts';
import type { NetlinkChannel } from '../../src/ports/netlink-channel.ts';
import { RtnetlinkSource } from '../../src/sources/rtnetlink/rtnetlink-source.ts';
import { RecordingLogger } from '../../src/testing/recording-logger.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';

export class LiveKernel implements AsyncDisposable {
  state: State = emptyState('kernel');
  /** Since the last `takeChanges`. */
  changes: Change[] = [];
  readonly facts: Fact[] = [];
  readonly readings: ResyncRequest[] = [];
  readonly log: RecordingLogger = new RecordingLogger();
  channel: NetlinkChannel | undefined;
  readonly source: RtnetlinkSource;
  readonly #clock = new SystemClock();
  #resync: ResyncMemory = emptyResyncMemory;
  #timer: Disposable | undefined;
  readonly #follows: boolean;

  /** `follows` false: read once, then never again. */
  constructor(receiveBuffer: number = 8 * 1024 * 1024, follows: boolean = true) {
    this.#follows = follows;
    this.source = new RtnetlinkSource({
      openChannel: (options) => {
        this.channel = new KernelNetlinkChannel(options);
        return this.channel;
      },
      drivers: loadNative(),
      clock: this.#clock,
      log: this.log,
      receiveBuffer,
      sink: (facts) => {
        for (const fact of facts) this.take(fact);
      },
    });
    this.source.start();
    this.#plan();
  }

  take(fact: Fact): void {
    this.facts.push(fact);
    const before = this.state;
    this.state = reduce(before, fact);
    this.changes.push(...diff(before, this.state));
    this.#plan();
  }

  takeChanges(): Change[] {
    const taken = this.changes;
    this.changes = [];
    return taken;
  }

  get isSynced(): boolean {
    const { freshness, invalidations } = this.state.kernel;
    return freshness === 'current' && Object.keys(invalidations).length === 0 && this.#timer === undefined;
  }

  /** Waits until everything is read and nothing is to be read again. */
  async synced(deadlineMs: number = 30_000): Promise<this> {
    await waitUntil('the kernel is read', () => this.isSynced, deadlineMs);
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    await this.source[Symbol.asyncDispose]();
  }

  #plan(): void {
    const now = this.#clock.now();
    if (!this.#follows && this.state.kernel.freshness === 'current') return;
    const plan = planResync(this.#resync, this.state.kernel, now);
    this.#resync = plan.memory;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (plan.nextAt !== undefined) {
      this.#timer = this.#clock.schedule(millis(Math.max(0, plan.nextAt - now)), () => {
        this.#timer = undefined;
        this.#plan();
      });
    }
    for (const reading of plan.dumps) {
      this.readings.push(reading);
      this.source.read(reading);
    }
  }
}

/** What the kernel has now, read once by another socket. */
export async function readOnce(): Promise<State> {
  await using live = new LiveKernel(8 * 1024 * 1024, false);
  await waitUntil('one reading', () => live.state.kernel.freshness === 'current');
  return live.state;
}
