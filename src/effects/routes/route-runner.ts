/**
 * Executes the effects of policy routing: requests in the order of the plan, each with its own
 * acknowledgement. The kernel processes a datagram completely before the next one, and continues after a
 * request that it refuses.
 */

import { type Millis, millis } from '../../core/model/ids.ts';
import type { RoutingEffect, RoutingOutcome, RoutingResult } from '../../core/routing/plan/routing-effect.ts';
import type { Clock } from '../../ports/clock.ts';
import type { NetlinkBatch, NetlinkChannel, OpenNetlinkChannel } from '../../ports/netlink-channel.ts';
import { MessageType } from '../../wire/netlink/constants.ts';
import { parseError } from '../../wire/netlink/error.ts';
import { parseMessages } from '../../wire/netlink/message.ts';
import { errnoName } from './errno-name.ts';
import { concatenate, encodeEffect } from './requests.ts';

export interface RouteRunnerParts {
  readonly openChannel: OpenNetlinkChannel;
  readonly clock: Clock;
}

/** Requests in one datagram: the process is blocked while the kernel processes it. */
const chunkSize = 64;
/** Acknowledgements are small, but each takes a whole buffer of the kernel. */
const receiveBuffer = 1024 * 1024;
/** How long to wait for the acknowledgements of one datagram. */
const acknowledgementTimeout: Millis = millis(2000);

/** One datagram in progress. */
interface Chunk {
  readonly effects: readonly RoutingEffect[];
  readonly firstSequence: number;
  readonly results: (RoutingResult | undefined)[];
  /** Number of outstanding acknowledgements. */
  open: number;
  readonly resolve: () => void;
}

export class RouteRunner implements AsyncDisposable {
  readonly #parts: RouteRunnerParts;
  #channel: NetlinkChannel | undefined;
  #sequence = 0;
  #chunk: Chunk | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: RouteRunnerParts) {
    this.#parts = parts;
  }

  /**
   * Resolves with one outcome for each effect, in their order; never rejects for an answer of the kernel.
   * Calls run one after another. A missing acknowledgement is `ETIMEDOUT`, or `ENOBUFS` where the kernel
   * reports its loss; the effect may then have been executed.
   */
  run(effects: readonly RoutingEffect[]): Promise<readonly RoutingOutcome[]> {
    const running = this.#last.then(() => this.#runAll(effects));
    this.#last = running;
    return running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    await this.#close();
  }

  async #runAll(effects: readonly RoutingEffect[]): Promise<readonly RoutingOutcome[]> {
    const outcomes: RoutingOutcome[] = [];
    for (let at = 0; at < effects.length; at += chunkSize) {
      outcomes.push(...(await this.#runChunk(effects.slice(at, at + chunkSize))));
    }
    return outcomes;
  }

  async #runChunk(effects: readonly RoutingEffect[]): Promise<readonly RoutingOutcome[]> {
    const opened = this.#open();
    if (typeof opened === 'string') return allFailed(effects, opened);
    const firstSequence = this.#sequence + 1;
    this.#sequence += effects.length;
    const messages = effects.map((effect, i) => encodeEffect(effect, firstSequence + i));
    const { promise, resolve } = Promise.withResolvers<void>();
    const results: (RoutingResult | undefined)[] = effects.map(() => undefined);
    const chunk: Chunk = { effects, firstSequence, results, open: effects.length, resolve };
    this.#chunk = chunk;
    const sent = opened.send(concatenate(messages));
    if (!sent.ok) {
      this.#chunk = undefined;
      return allFailed(effects, errnoName(sent.errno));
    }
    const timer = this.#parts.clock.schedule(acknowledgementTimeout, () => this.#abandon('ETIMEDOUT'));
    await promise;
    timer[Symbol.dispose]();
    return effects.map((effect, i) => ({
      effect,
      result: results[i] ?? { kind: 'failed', code: 'ETIMEDOUT' },
    }));
  }

  /** The channel, or the errno name where none can be opened. */
  #open(): NetlinkChannel | string {
    if (this.#channel !== undefined) return this.#channel;
    try {
      this.#channel = this.#parts.openChannel({
        groups: [],
        receiveBuffer,
        onBatch: (batch) => this.#onBatch(batch),
      });
      return this.#channel;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (typeof code !== 'string') throw error;
      return code;
    }
  }

  #onBatch(batch: NetlinkBatch): void {
    for (let i = 0; i < batch.datagrams; i++) {
      const { buffer, offset, length } = batch.view(i);
      parseMessages(buffer, offset, length, (header) => {
        if (header.type !== MessageType.error) return;
        const parsed = parseError(buffer, header);
        if (!parsed.ok) return;
        const { requestSequence, errno, message } = parsed.acknowledgement;
        this.#answer(requestSequence, resultOf(errno, message));
      });
    }
    if (batch.overrun || batch.truncated || batch.error !== undefined) this.#abandon('ENOBUFS');
  }

  #answer(sequence: number, result: RoutingResult): void {
    const chunk = this.#chunk;
    if (chunk === undefined) return;
    const at = sequence - chunk.firstSequence;
    if (at < 0 || at >= chunk.results.length || chunk.results[at] !== undefined) return;
    chunk.results[at] = result;
    chunk.open--;
    if (chunk.open === 0) this.#completeChunk(chunk);
  }

  #completeChunk(chunk: Chunk): void {
    this.#chunk = undefined;
    chunk.resolve();
  }

  /**
   * Gives up the outstanding requests. Opens another socket, so that a late answer cannot match a later
   * request.
   */
  #abandon(code: string): void {
    const chunk = this.#chunk;
    void this.#close();
    if (chunk === undefined) return;
    for (let i = 0; i < chunk.results.length; i++) chunk.results[i] ??= { kind: 'failed', code };
    this.#completeChunk(chunk);
  }

  async #close(): Promise<void> {
    const channel = this.#channel;
    this.#channel = undefined;
    await channel?.[Symbol.asyncDispose]();
  }
}

const allFailed = (effects: readonly RoutingEffect[], code: string): readonly RoutingOutcome[] =>
  effects.map((effect) => ({ effect, result: { kind: 'failed', code } }));

function resultOf(errno: number, message: string | undefined): RoutingResult {
  if (errno === 0) return { kind: 'done' };
  const failed = { kind: 'failed', code: errnoName(errno) } as const;
  return message === undefined ? failed : { ...failed, text: message };
}
