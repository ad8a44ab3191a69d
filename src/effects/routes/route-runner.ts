/**
 * Carries out what policy routing has planned: requests in the order of the plan, each answered by its own
 * acknowledgement. The kernel works through a datagram before it takes the next, and goes on behind a request that
 * it has refused.
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

/** Requests in one datagram: the process does nothing else while the kernel works through it. */
const chunkSize = 64;
/** Acknowledgements are small, but each takes a whole buffer of the kernel's. */
const receiveBuffer = 1024 * 1024;
/** An acknowledgement that has not come by then will not. */
const patience: Millis = millis(2000);

/** One datagram under way. */
interface Chunk {
  readonly effects: readonly RoutingEffect[];
  readonly firstSequence: number;
  readonly results: (RoutingResult | undefined)[];
  /** How many are still to come. */
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
   * Resolves with one outcome for each effect, in their order, when all are known; never rejects for what the kernel says. Calls
   * wait for each other. An answer that does not come is `ETIMEDOUT`, or `ENOBUFS` where the kernel says that it is lost:
   * then the effect may have been carried out all the same.
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
    const timer = this.#parts.clock.schedule(patience, () => this.#abandon('ETIMEDOUT'));
    await promise;
    timer[Symbol.dispose]();
    return effects.map((effect, i) => ({
      effect,
      result: results[i] ?? { kind: 'failed', code: 'ETIMEDOUT' },
    }));
  }

  /** The channel, or why there is none. */
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

  /** What has not been answered will not be: another socket, lest a late answer be taken for that of another request. */
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
