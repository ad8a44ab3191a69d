/** Sends the DNS servers and domains of leases to systemd-resolved or systemd-networkd. */
import {
  type LinkService,
  laneOf,
  type ResolverOutcome,
  type ResolverResult,
} from '../../core/resolver/call.ts';
import type { BusCall, BusConnection } from '../../ports/bus-connection.ts';
import { type LinkCall, messageOf } from './messages.ts';

export interface ResolvedRunnerParts {
  readonly bus: BusConnection;
  /** The service is back after an absence: it may have forgotten its settings. */
  readonly onReturn: (service: LinkService) => void;
}

const services: readonly LinkService[] = ['resolve1', 'network1'];

export class ResolvedRunner implements Disposable {
  readonly #parts: ResolvedRunnerParts;
  readonly #subscriptions: Disposable[] = [];
  /** Services that are absent or cannot be reached. */
  readonly #absent = new Set<LinkService>();

  constructor(parts: ResolvedRunnerParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when every lane has ended, with an outcome for each call that was made: a lane ends with its
   * first failure. Never rejects for an answer. The services are followed from the first run on.
   */
  async run(calls: readonly LinkCall[]): Promise<readonly ResolverOutcome[]> {
    if (this.#subscriptions.length === 0) this.#follow();
    const lanes = new Map<string, LinkCall[]>();
    for (const call of calls) lanes.set(laneOf(call), [...(lanes.get(laneOf(call)) ?? []), call]);
    const ended = await Promise.all(Array.from(lanes.values(), (lane) => this.#runLane(lane)));
    return ended.flat();
  }

  [Symbol.dispose](): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription[Symbol.dispose]();
  }

  #follow(): void {
    for (const service of services) {
      const gone = (): void => void this.#absent.add(service);
      const appeared = (): void => {
        if (this.#absent.delete(service)) this.#parts.onReturn(service);
      };
      const name = `org.freedesktop.${service}`;
      const follower = { name, signals: [], appeared, vanished: gone, lost: gone, signal: () => undefined };
      this.#subscriptions.push(this.#parts.bus.follow(follower));
    }
  }

  async #runLane(calls: readonly LinkCall[]): Promise<readonly ResolverOutcome[]> {
    const outcomes: ResolverOutcome[] = [];
    for (const call of calls) {
      const result = await this.#ask(messageOf(call));
      outcomes.push({ call, result });
      if (result.kind === 'done') continue;
      if (result.error === 'netevd.Disconnected') this.#absent.add(call.link.service);
      break;
    }
    return outcomes;
  }

  #ask(message: BusCall): Promise<ResolverResult> {
    const { promise, resolve } = Promise.withResolvers<ResolverResult>();
    this.#parts.bus.call(message, (result) => {
      resolve(result.ok ? { kind: 'done' } : { kind: 'failed', error: result.name, text: result.message });
    });
    return promise;
  }
}
